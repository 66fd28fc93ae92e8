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
import type { OutputMask, StepContext } from './step-context.js';

/** What of a process the Action may touch. */
export interface ActionProcess {
  /** Git inherits it; the token that it needs is put in here. */
  readonly env: NodeJS.ProcessEnv;
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Reads what the runner hands over. From here on no token is shown.
 * @throws OperatorError where an input is not what it must be, or this is not GitHub's runner
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
  // The keys are learnt on the way; what looks like an address is hidden from the start.
  if (inputs.redactSalt !== undefined) mask.hideKeys(inputs.redactSalt, []);
  const cwd = resolve(runner.workspace, inputs.workingDirectory);
  const workspace = findWorkspace(cwd, inputs.config);
  trustCheckout(env, workspace.root);
  const io: Io = {
    cwd,
    stdout: log.plain,
    stderr: log.plain,
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
