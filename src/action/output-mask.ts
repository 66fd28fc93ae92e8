import { type Redactor, redactor } from '../report/redact.js';
import { SecretMask } from '../security/secret-mask.js';

/** Removes secrets and context keys from output. Both become known step by step during a run. */
export class OutputMask {
  readonly #mask = new SecretMask();
  #redactor: Redactor | undefined;

  /** Undefined if context keys may be shown. */
  get redactor(): Redactor | undefined {
    return this.#redactor;
  }

  addSecret(secret: string): void {
    this.#mask.add(secret);
  }

  /**
   * Redacts context keys from now on: the given ones, which replace those of an earlier call, and everything that looks
   * like an email address.
   */
  redactKeys(salt: string, keys: Iterable<string>): Redactor {
    // Tokens first: a token that contains a key could not be recognised after the key is replaced.
    this.#redactor = redactor(salt, keys, (text) => this.withoutTokens(text));
    return this.#redactor;
  }

  /** Text without secrets and, if they are redacted, without context keys. */
  clean(text: string): string {
    return this.#redactor?.text(text) ?? this.withoutTokens(text);
  }

  /** For text that is already redacted: doing it twice would also replace a key's text in links and markers. */
  withoutTokens(text: string): string {
    return this.#mask.text(text);
  }
}
