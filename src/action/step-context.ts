import type { GitHubApi } from '../github/api.js';
import type { Inputs } from '../github/inputs.js';
import type { Log } from '../github/log.js';
import type { Runner } from '../github/runner.js';
import type { Trigger } from '../github/trigger.js';
import type { Io } from '../terminal/io.js';
import type { OutputMask } from './output-mask.js';

/** Everything that a step of a workflow runs with. */
export interface StepContext {
  readonly runner: Runner;
  readonly inputs: Inputs;
  readonly trigger: Trigger;
  readonly log: Log;
  readonly io: Io;
  /** Undefined if the workflow gave no GitHub token. */
  readonly api: GitHubApi | undefined;
  /** Root of the repository with the declarations: as an absolute path, and relative to the runner's workspace. */
  readonly root: { readonly path: string; readonly fromWorkspace: string };
  readonly configPath: string;
  readonly mask: OutputMask;
}
