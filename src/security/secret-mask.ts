import { base64Spellings, escapedSpelling, type Spelling } from './spelling.js';

/** Characters. A shorter secret would appear in ordinary text by chance, so it cannot be masked. */
export const SHORTEST_SECRET = 8;

/** A beginning of a secret with at least this many characters is masked too, since any text may have been cut. */
const SHORTEST_PART = 12;

/** The same for base64, which encodes three characters in four. */
const SHORTEST_PART_IN_BASE64 = 16;

/** Length of the longest spelling of one character. */
const LONGEST_SPELLING = 32;

interface Found {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/**
 * Replaces secrets in text by a name: in upper or lower case, escaped in any way (`escapedSpelling`), or in base64, alone
 * or as part of something longer, as in an Authorization header.
 */
export class SecretMask {
  readonly #secrets = new Map<string, { readonly spellings: readonly Spelling[]; readonly name: string }>();
  /** Length of the longest spelling of any secret. */
  #longestSpelling = 0;

  constructor(...secrets: readonly (string | undefined)[]) {
    for (const secret of secrets) this.add(secret ?? '');
  }

  /**
   * @param secret each line is masked separately; lines shorter than `SHORTEST_SECRET` are not masked
   * @param name is shown instead of the secret
   */
  add(secret: string, name = '[token]'): void {
    for (const line of secret.split(/[\r\n]+/).map((part) => part.trim())) {
      if (line.length < SHORTEST_SECRET || this.#secrets.has(line)) continue;
      const spellings = [
        escapedSpelling(line, SHORTEST_PART),
        ...base64Spellings(line, SHORTEST_PART_IN_BASE64),
      ];
      this.#secrets.set(line, { spellings, name });
      this.#longestSpelling = Math.max(this.#longestSpelling, line.length * LONGEST_SPELLING);
    }
  }

  /** A text without the secrets. */
  text(text: string): string {
    return this.#masked(text, 0);
  }

  /**
   * Masks a text that comes in pieces. If a secret is split between two pieces, its rest is masked in the second one. The
   * first one can show at most the secret's first 11 characters, which are too few to be recognised.
   */
  inPieces(): (piece: string) => string {
    let before = '';
    return (piece) => {
      const whole = before + piece;
      const masked = this.#masked(whole, before.length);
      before = this.#longestSpelling === 0 ? '' : whole.slice(-this.#longestSpelling);
      return masked;
    };
  }

  /** The text after a position, without the secrets that overlap it. */
  #masked(text: string, from: number): string {
    let masked = '';
    let at = from;
    for (const { start, end, name } of this.#find(text)) {
      if (end <= at) continue;
      // If two secrets overlap, the name of the first is shown.
      if (start >= at || at === from) masked += text.slice(at, Math.max(at, start)) + name;
      at = end;
    }
    return at === 0 ? text : masked + text.slice(at);
  }

  #find(text: string): readonly Found[] {
    const found: Found[] = [];
    for (const { spellings, name } of this.#secrets.values()) {
      for (const spelling of spellings) {
        for (const [start, end] of spelling.find(text)) found.push({ start, end, name });
      }
    }
    return found.toSorted((a, b) => a.start - b.start);
  }
}
