/**
 * `npm run demo`: the full cycle against the LaunchDarkly simulator, with the CLI that users run. All output after a `$`
 * line is printed by that command, and the demo fails if a command ends with another exit code than expected.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createColors } from 'picocolors';
import { gitEnvironment, type ExampleRepository } from './demo/repository.js';
import { type AuditEntry, readAuditLog, startSimulator } from './demo/simulator.js';
import { commitEdit, storefrontRepository } from './demo/story.js';

const TOKEN = 'api-writer';
const cli = join(import.meta.dirname, '..', 'dist', 'cli.js');
const { stdout } = process;
const paint = createColors(stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '');

function say(text: string): void {
  stdout.write(`\n${paint.cyan(`# ${text}`)}\n`);
}

/** Runs the CLI as a child process that writes to this terminal, and throws if its exit code is not `expected`. */
async function flagops(
  args: string,
  expected: number,
  { cwd, url }: { cwd: string; url: string },
): Promise<void> {
  stdout.write(`\n${paint.bold(`$ flagops ${args}`)}\n`);
  const child = spawn(process.execPath, [cli, ...args.split(' ')], {
    cwd,
    env: { ...gitEnvironment, LAUNCHDARKLY_ACCESS_TOKEN: TOKEN, LAUNCHDARKLY_BASE_URL: url },
    // `apply` shows its plan on standard error first, which would repeat the output of `plan` here.
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const stderr: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === expected) return;
  throw new Error(`flagops ${args} ended with ${code}, not ${expected}\n${stderr.join('')}`);
}

/** Prints the audit log and returns its number of entries. Throws if an entry does not name its commit. */
function showAudit(entries: readonly AuditEntry[], repository: ExampleRepository): number {
  const subjects = repository.subjects();
  for (const comment of new Set(entries.map((entry) => entry.comment))) {
    const sha = /\((?<sha>[0-9a-f]{12}) by /.exec(comment)?.groups?.['sha'] ?? '';
    const subject = subjects.get(sha);
    if (subject === undefined || !comment.startsWith(subject)) {
      throw new Error(`this comment in the audit log belongs to no commit: ${JSON.stringify(comment)}`);
    }
    stdout.write(`\n${paint.bold(comment)}\n`);
    for (const { resource, description } of entries.filter((entry) => entry.comment === comment)) {
      stdout.write(
        `  ${resource.replace(/^proj\/[^:]*:env\//, '').replace(':flag/', ' ')}: ${description}\n`,
      );
    }
  }
  return entries.length;
}

async function demo(): Promise<void> {
  const started = Date.now();
  say('Start a LaunchDarkly simulator, with flags and environments in memory.');
  stdout.write(`\n${paint.bold('$ flagops simulate --port 0')}\n`);
  const simulator = await startSimulator(cli);
  stdout.write(`${simulator.url}\n`);
  const repository = storefrontRepository(join(import.meta.dirname));
  try {
    const at = { cwd: repository.path, url: simulator.url };
    say('Create a git repository from examples/storefront, and check its declarations.');
    await flagops('validate', 0, at);
    say('Show what would change. (Exit code 2: there are differences.)');
    await flagops('plan --detailed-exitcode', 2, at);
    say('Apply the plan.');
    await flagops('apply --yes', 0, at);
    const first = (await readAuditLog(simulator.url, TOKEN)).length;

    say('Edit a declaration: add one override, change one, remove one.');
    commitEdit(repository);
    stdout.write(`\n${paint.bold('$ git show --unified=0')}\n${repository.lastDiff()}`);
    await flagops('plan --detailed-exitcode', 2, at);
    await flagops('apply --yes', 0, at);
    say('Now LaunchDarkly matches the declarations. (Exit code 0: no difference.)');
    await flagops('plan --detailed-exitcode', 0, at);

    say("LaunchDarkly's audit log shows who asked for each change, and why.");
    const total = showAudit(await readAuditLog(simulator.url, TOKEN), repository);
    if (first === 0 || total - first !== 3) throw new Error(`the edit made ${total - first} changes, not 3`);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    say(`${total} changes, each with the message of its commit. ${seconds} s.`);
  } finally {
    repository.remove();
    await simulator.stop();
  }
}

try {
  await demo();
} catch (error) {
  process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
