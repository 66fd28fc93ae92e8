import type { Runner } from '../github/runner.js';
import type { Trigger } from '../github/trigger.js';
import type { Inputs } from '../github/inputs.js';
import type { GitHubApi } from '../github/api.js';
import type { Log } from '../github/log.js';
import type { Io } from '../terminal/io.js';
import { type Redactor, redactor } from '../report/redact.js';
import { SecretMask } from '../security/secret-mask.js';

/** Everything that a step of a workflow runs with. */
export interface StepContext {
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
  readonly mask: OutputMask;
}

/** What must not be shown, known bit by bit in the course of a run. */
export class OutputMask {
  readonly #mask = new SecretMask();
  #redactor: Redactor | undefined;

  /** Undefined where context keys may be shown. */
  get redactor(): Redactor | undefined {
    return this.#redactor;
  }

  addSecret(secret: string): void {
    this.#mask.add(secret);
  }

  /** Hides context keys from now on: the given ones, in place of those before, and all that look like an address. */
  hideKeys(salt: string, keys: Iterable<string>): Redactor {
    // Tokens go first: with a key taken out of its middle, a token could not be recognised any more.
    this.#redactor = redactor(salt, keys, (text) => this.withoutTokens(text));
    return this.#redactor;
  }

  clean(text: string): string {
    return this.#redactor?.text(text) ?? this.withoutTokens(text);
  }

  /** For what has no context keys in it any more: a second look would take a key's name out of links and markers too. */
  withoutTokens(text: string): string {
    return this.#mask.text(text);
  }
}
