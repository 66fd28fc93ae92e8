import { relative, resolve, sep } from 'node:path';
import type { Io } from '../terminal/io.js';
import { findWorkspace } from '../config/find.js';
import { openGitHub } from '../github/api.js';
import { grantGit, trustCheckout } from '../github/git-access.js';
import { readInputs } from '../github/inputs.js';
import type { Log } from '../github/log.js';
import { readRunner } from '../github/runner.js';
import { readTrigger } from '../github/trigger.js';
import { systemClock } from '../launchdarkly/clock.js';
import { version } from '../version.js';
import type { OutputMask } from './output-mask.js';
import type { StepContext } from './step-context.js';

/** The parts of its process that the Action uses. */
export interface ActionProcess {
  /** Git inherits it, and gets its token through it. */
  readonly env: NodeJS.ProcessEnv;
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Reads the inputs and the runner's variables. From here on, no token appears in any output.
 * @throws OperatorError if an input is invalid, or this is not GitHub's runner
 */
export function openStep({ env, signal }: ActionProcess, mask: OutputMask, log: Log): StepContext {
  const runner = readRunner(env);
  const inputs = readInputs(env);
  const secrets = [inputs.accessToken, inputs.githubToken, inputs.redactSalt];
  if (inputs.githubToken !== undefined) secrets.push(grantGit(env, runner.serverUrl, inputs.githubToken));
  for (const secret of secrets) {
    if (secret === undefined) continue;
    log.mask(secret);
    mask.addSecret(secret);
  }
  // The keys are not known yet, but email addresses are redacted from the start.
  if (inputs.redactSalt !== undefined) mask.redactKeys(inputs.redactSalt, []);
  const cwd = resolve(runner.workspace, inputs.workingDirectory);
  const workspace = findWorkspace(cwd, inputs.config);
  trustCheckout(env, workspace.root);
  const io: Io = {
    cwd,
    stdout: log.plain,
    stderr: (text) => {
      try {
        log.plain(text);
      } catch {
        // As on the command line: a message that cannot be shown must not end an apply.
      }
    },
    color: { stdout: false, stderr: false },
    columns: { stdout: undefined, stderr: undefined },
    interactive: false,
    progress: undefined,
    now: Date.now,
    signal,
    ask: async () => '',
  };
  return {
    runner,
    inputs,
    trigger: readTrigger(runner),
    log,
    io,
    api:
      inputs.githubToken === undefined
        ? undefined
        : openGitHub({ url: runner.apiUrl, token: inputs.githubToken, version, clock: systemClock, signal }),
    root: {
      path: workspace.root,
      fromWorkspace: relative(runner.workspace, workspace.root).split(sep).join('/'),
    },
    configPath: workspace.configPath,
    mask,
  };
}
