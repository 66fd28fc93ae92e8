/** How many characters are searched for before all that a match needs are. */
const FIRST = 3;

/** Finds a sequence of characters in text, each of which may be spelled in several ways. */
export class Spelling {
  /** Matches wherever the whole head does. Without it, compiling the head would take 10 ms of nearly every run. */
  readonly #first: RegExp;
  readonly #head: RegExp;
  readonly #characters: readonly (readonly string[])[];
  readonly #between: string;
  readonly #flags: string;
  /** Compiled on first use: a secret is rarely found. */
  readonly #steps = new Map<number, readonly RegExp[]>();

  /**
   * @param characters patterns for the spellings of each character
   * @param least how many characters at the start are enough for a match
   * @param between a pattern for what may separate two characters
   * @param flags of the patterns
   */
  constructor(characters: readonly (readonly string[])[], least: number, between: string, flags: '' | 'i') {
    this.#characters = characters;
    this.#between = between;
    this.#flags = flags;
    const head = characters.slice(0, least).map((spellings) => `(?:${spellings.join('|')})`);
    this.#first = new RegExp(head.slice(0, FIRST).join(between), flags);
    // Not a pattern for the whole secret: for a long one, V8 would take longer to compile it than all searches take.
    this.#head = new RegExp(head.join(between), `g${flags}`);
  }

  /** All matches; each ends with the last character that continues the sequence. */
  *find(text: string): Generator<readonly [start: number, end: number]> {
    if (!this.#first.test(text)) return;
    this.#head.lastIndex = 0;
    for (let match = this.#head.exec(text); match !== null; match = this.#head.exec(text)) {
      const end = Math.max(match.index + match[0].length, this.#endOf(text, match.index));
      yield [match.index, end];
      this.#head.lastIndex = end;
    }
  }

  /** Follows all spellings in parallel, since one can be the beginning of another. */
  #endOf(text: string, start: number): number {
    let ends: ReadonlySet<number> = new Set([start]);
    for (const index of this.#characters.keys()) {
      const next = new Set<number>();
      for (const end of ends) {
        for (const step of this.#stepsTo(index)) {
          step.lastIndex = end;
          if (step.test(text)) next.add(step.lastIndex);
        }
      }
      if (next.size === 0) break;
      ends = next;
    }
    return Math.max(...ends);
  }

  #stepsTo(index: number): readonly RegExp[] {
    const known = this.#steps.get(index);
    if (known !== undefined) return known;
    const between = index === 0 ? '' : this.#between;
    const steps = (this.#characters[index] ?? []).map(
      (spelling) => new RegExp(`${between}(?:${spelling})`, `y${this.#flags}`),
    );
    this.#steps.set(index, steps);
    return steps;
  }
}

/** A zero-width character, which can be put between others, for example to keep Markdown from linking them. */
const ZERO_WIDTH = String.raw`(?:[\xad\u200b-\u200d\u2060\ufeff]|&#8203;|&#x200b;)?`;

/**
 * Finds a text in upper or lower case, with any of its characters escaped for JSON, JavaScript, a URL, HTML or Markdown,
 * once or twice.
 * @param least how many characters at the start are enough for a match
 */
export function escapedSpelling(text: string, least: number): Spelling {
  return new Spelling(text.split('').map(escaped), least, ZERO_WIDTH, 'i');
}

const NAMED: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": 'apos',
};

/**
 * Patterns for one UTF-16 unit, the longer ones first. Every repetition is bounded, so that no text takes long to search.
 */
function escaped(character: string): string[] {
  const code = character.charCodeAt(0);
  const hex = code.toString(16).padStart(2, '0');
  const unit = `u${code.toString(16).padStart(4, '0')}`;
  const plain = `\\${unit}`;
  const named = NAMED[character];
  const punctuation = /\w/.test(character) ? [] : [plain];
  const inOneByte = code > 0x7f ? [] : [`x${hex}`];
  return [
    `\\\\{1,3}(?:${[unit, `u\\{0{0,4}${hex}\\}`, ...inOneByte, ...punctuation].join('|')})`,
    ...(code > 0x7f ? [] : [`%(?:25){0,2}${hex}`]),
    // Reports put a tag around some signs, to keep GitHub from acting on them.
    `(?:<span>)?&(?:amp;)?#(?:0{0,5}${code}|x0{0,5}${hex})(?!\\w);?(?:</span>)?`,
    ...(named === undefined ? [] : [`&(?:amp;)?${named};`]),
    plain,
  ];
}

/**
 * Finds a text that is encoded in base64, also as part of a longer text: one spelling for each alignment.
 * @param least how many base64 characters at the start are enough for a match
 */
export function base64Spellings(text: string, least: number): Spelling[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    // The characters at both ends may contain bits of the text before and after.
    const own = encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return new Spelling(Array.from(own, base64Character), Math.min(least, own.length), '', '');
  });
}

/** Patterns for a character in both base64 alphabets, also escaped for JSON or a URL. */
function base64Character(character: string): string[] {
  if (character === '+') return [String.raw`[+-]|%2[bB]|\\u002[bB]`];
  if (character === '/') return [String.raw`\\?[/_]|%2[fF]|\\u002[fF]`];
  return [character];
}
