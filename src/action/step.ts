import type { Runner } from '../github/runner.js';
import type { Trigger } from '../github/trigger.js';
import type { Inputs } from '../github/inputs.js';
import type { GitHubApi } from '../github/api.js';
import type { Log } from '../github/log.js';
import type { Io } from '../commands/io.js';
import { markdown } from '../report/escape.js';
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
    for (const line of secret.split(/[\r\n]+/).map((part) => part.trim())) {
      // What is shorter is no secret, and would take half of the text with it.
      if (line.length < 8) continue;
      for (const spelling of [line, markdown(line)]) this.#secrets.add(spelling);
    }
  }

  clean(text: string): string {
    return this.withoutTokens(this.redactor?.text(text) ?? text);
  }

  /** For what has no context keys in it any more: a second look would take a key's name out of links and markers too. */
  withoutTokens(text: string): string {
    let cleaned = text;
    for (const secret of this.#secrets) cleaned = cleaned.replaceAll(secret, '[token]');
    return cleaned;
  }
}
