/**
 * `npm run demo`: the full cycle against the LaunchDarkly simulator, with the CLI that users run. All output after a
 * `$ flagops` line is printed by that command, and the demo fails if a command ends with another exit code than expected.
 * In a terminal it waits for a key between steps and after each screenful.
 */
import { join } from 'node:path';
import { createColors } from 'picocolors';
import { describeAudit } from './demo/audit.js';
import { runFlagops } from './demo/cli.js';
import { nextSteps } from './demo/next.js';
import { Screen } from './demo/screen.js';
import { changeByHand, readAuditLog, startSimulator } from './demo/simulator.js';
import { BY_HAND, commitEdit, storefrontRepository } from './demo/story.js';
import { ProcessTerminal, Stopped } from './demo/terminal.js';

const TOKEN = 'api-writer';
const cli = join(import.meta.dirname, '..', 'dist', 'cli.js');
const { stdout, env } = process;
const paint = createColors(stdout.isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb');
const terminal = new ProcessTerminal(process);
const screen = new Screen(terminal);

function say(text: string): Promise<void> {
  return screen.show(`\n${paint.cyan(`# ${text}`)}`);
}

function showCommand(text: string): Promise<void> {
  return screen.show(`\n${paint.bold(text)}`);
}

async function demo(): Promise<void> {
  await say('Start a LaunchDarkly simulator, with flags and environments in memory.');
  await showCommand('$ flagops simulate --port 0');
  const simulator = await startSimulator(cli);
  const { url } = simulator;
  await screen.show(url);
  const repository = storefrontRepository(join(import.meta.dirname));
  const flagops = async (args: string, expected: number): Promise<void> => {
    await showCommand(`$ flagops ${args}`);
    const { columns, signal } = terminal;
    const run = { cli, cwd: repository.path, url, token: TOKEN, columns, signal };
    await screen.show(await runFlagops(args, expected, run));
  };
  const auditLog = () => readAuditLog(url, TOKEN);
  try {
    await say('Create a git repository from examples/storefront, and check its declarations.');
    await flagops('validate', 0);
    await screen.pause();

    await say('Show what would change. (Exit code 2: there are differences.)');
    await flagops('plan --detailed-exitcode', 2);
    await screen.pause();

    await say('Apply the plan.');
    await flagops('apply --yes', 0);
    const first = await auditLog();
    await screen.pause();

    await say('Edit a declaration: add one override, change one, remove one.');
    commitEdit(repository);
    await showCommand('$ git show --unified=0');
    await screen.show(repository.lastDiff());
    await screen.pause();
    await flagops('plan --detailed-exitcode', 2);
    await screen.pause();
    await flagops('apply --yes', 0);
    const edited = await auditLog();
    if (first.length === 0 || edited.length - first.length !== 3) {
      throw new Error(`the edit made ${edited.length - first.length} changes, not 3`);
    }
    await say('Now LaunchDarkly matches the declarations. (Exit code 0: no difference.)');
    await flagops('plan --detailed-exitcode', 0);
    await screen.pause();

    await say("Drift: a colleague changes Alice's theme in LaunchDarkly, and not in git.");
    await screen.show(`\n${await changeByHand(url, TOKEN, BY_HAND)}`);
    await flagops('drift', 2);
    await screen.pause();
    await say('Apply repairs it. (Or declare the new value, if the colleague is right.)');
    await flagops('apply --yes', 0);
    await flagops('drift', 0);
    await screen.pause();

    const all = await auditLog();
    await say(
      `The audit log shows who asked for each change, and why. The last ${all.length - first.length} of ${all.length}:`,
    );
    // Checks the comments of the first apply too.
    describeAudit(first, repository.subjects(), paint.bold);
    for (const part of [all.slice(first.length, edited.length), all.slice(edited.length)])
      await screen.show(describeAudit(part, repository.subjects(), paint.bold));
    await screen.pause();
  } finally {
    repository.remove();
    await simulator.stop();
  }
}

/** Runs a part of the demo, which the reader may end with `q`. */
async function untilQuit(part: () => Promise<void>): Promise<void> {
  try {
    await part();
  } catch (error) {
    if (!(error instanceof Stopped && error.reason === 'quit')) throw error;
  }
}

try {
  await untilQuit(demo);
  await untilQuit(async () => {
    await say('Where to go next');
    await screen.show(nextSteps(cli, paint.bold));
  });
} catch (error) {
  if (terminal.signal.aborted) {
    process.exitCode = 130;
  } else {
    process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
} finally {
  terminal.close();
}
