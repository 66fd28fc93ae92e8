import type { Runner } from '../github/runner.js';
import type { Trigger } from '../github/trigger.js';
import type { Inputs } from '../github/inputs.js';
import type { GitHubApi } from '../github/api.js';
import type { Log } from '../github/log.js';
import type { Io } from '../commands/io.js';
import type { Redactor } from '../report/redact.js';

/** Everything that a step of a workflow runs with. */
export interface Step {
  readonly runner: Runner;
  readonly inputs: Inputs;
  readonly trigger: Trigger;
  readonly log: Log;
  readonly io: Io;
  /** Undefined where the workflow gave no token for GitHub. */
  readonly api: GitHubApi | undefined;
  /** Root of the repository with the declarations: its path on disk, and that from the runner's workspace. */
  readonly root: { readonly path: string; readonly fromWorkspace: string };
  readonly configPath: string;
  readonly hiding: Hiding;
}

/** What must not be shown, known bit by bit in the course of a run. */
export class Hiding {
  readonly #secrets = new Set<string>();
  /** Undefined where context keys may be shown. */
  redactor: Redactor | undefined;

  keep(secret: string): void {
    // What is shorter is no secret, and would take half of the text with it.
    if (secret.length >= 8) this.#secrets.add(secret);
  }

  clean(text: string): string {
    let cleaned = this.redactor?.text(text) ?? text;
    for (const secret of this.#secrets) cleaned = cleaned.replaceAll(secret, '[token]');
    return cleaned;
  }
}
