import { base64Spellings, escapedSpelling, type Spelling } from './spelling.js';

/** Anything shorter turns up in ordinary text by chance, so it cannot be masked. */
export const SHORTEST_SECRET = 8;

/** From this many characters on, the beginning of a secret is masked like the whole: any text may have been cut. */
const SHORTEST_PART = 12;

/** The same for base64, which takes four characters for three. */
const SHORTEST_PART_IN_BASE64 = 16;

/** The most characters that one character of a secret is spelled with. */
const LONGEST_SPELLING = 32;

interface Found {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/**
 * Takes secrets out of text: as they are, in any case and escaped in any way (`escapedSpelling`), and in base64, alone or
 * within something longer, as in an Authorization header.
 */
export class SecretMask {
  readonly #secrets = new Map<string, { readonly spellings: readonly Spelling[]; readonly name: string }>();
  /** Characters that the longest secret can be spelled with. */
  #reach = 0;

  constructor(...secrets: readonly (string | undefined)[]) {
    for (const secret of secrets) this.add(secret ?? '');
  }

  /**
   * @param secret each of its lines is masked by itself; a line shorter than `SHORTEST_SECRET` is not
   * @param name is shown in its place
   */
  add(secret: string, name = '[token]'): void {
    for (const line of secret.split(/[\r\n]+/).map((part) => part.trim())) {
      if (line.length < SHORTEST_SECRET || this.#secrets.has(line)) continue;
      const spellings = [
        escapedSpelling(line, SHORTEST_PART),
        ...base64Spellings(line, SHORTEST_PART_IN_BASE64),
      ];
      this.#secrets.set(line, { spellings, name });
      this.#reach = Math.max(this.#reach, line.length * LONGEST_SPELLING);
    }
  }

  /** A text without the secrets. */
  text(text: string): string {
    return this.#masked(text, 0);
  }

  /**
   * The same for a text that comes in pieces. If a secret is split between two of them, the rest of it is masked in the
   * second piece. The first piece can show at most its first 11 characters, which are too few to be recognised.
   */
  inPieces(): (piece: string) => string {
    let before = '';
    return (piece) => {
      const whole = before + piece;
      const masked = this.#masked(whole, before.length);
      before = this.#reach === 0 ? '' : whole.slice(-this.#reach);
      return masked;
    };
  }

  /** What stands in a text from a position on, without the secrets that reach into it. */
  #masked(text: string, from: number): string {
    let masked = '';
    let at = from;
    for (const { start, end, name } of this.#find(text)) {
      if (end <= at) continue;
      // Of two secrets that overlap, the first gives the name.
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
