/** A sequence of characters that is looked for in text, each of them in any of several spellings. */
export class Spelling {
  readonly #head: RegExp;
  readonly #characters: readonly (readonly string[])[];
  readonly #between: string;
  readonly #flags: string;
  /** Made when they are first needed: a secret is hardly ever found. */
  readonly #steps = new Map<number, readonly RegExp[]>();

  /**
   * @param characters patterns for the spellings of each character
   * @param least how many of them, from the first on, count as found
   * @param between a pattern for what may stand between two of them
   * @param flags of the patterns
   */
  constructor(characters: readonly (readonly string[])[], least: number, between: string, flags: '' | 'i') {
    this.#characters = characters;
    this.#between = between;
    this.#flags = flags;
    const head = characters.slice(0, least).map((spellings) => `(?:${spellings.join('|')})`);
    // One pattern for all of a long secret would take V8 longer to compile than everything else takes to run.
    this.#head = new RegExp(head.join(between), `g${flags}`);
  }

  /** Where it is found: from its first character to the last one that is there. */
  *find(text: string): Generator<readonly [start: number, end: number]> {
    this.#head.lastIndex = 0;
    for (let match = this.#head.exec(text); match !== null; match = this.#head.exec(text)) {
      const end = Math.max(match.index + match[0].length, this.#endOf(text, match.index));
      yield [match.index, end];
      this.#head.lastIndex = end;
    }
  }

  /** One spelling may be the beginning of another, so each of them is followed. */
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

/** A character without width, which Markdown output puts between others so that GitHub does not link them. */
const UNSEEN = String.raw`(?:[\xad\u200b-\u200d\u2060\ufeff]|&#8203;|&#x200b;)?`;

/**
 * A text of visible ASCII in upper or lower case, with any of its characters escaped as in JSON, JavaScript, a URL,
 * HTML or Markdown, once or twice over.
 */
export function escapedSpelling(text: string, least: number): Spelling {
  return new Spelling(text.split('').map(escaped), least, UNSEEN, 'i');
}

const NAMED: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": 'apos',
};

/**
 * Patterns for one character (one unit of UTF-16), the longer ones first. Every repetition is bounded, so that no text
 * takes long to search.
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
    `&(?:amp;)?#(?:0{0,5}${code}|x0{0,5}${hex})(?!\\w);?`,
    ...(named === undefined ? [] : [`&(?:amp;)?${named};`]),
    plain,
  ];
}

/**
 * A text within base64, which may begin and end in the middle of something longer.
 * @param least characters of base64 that count as found
 */
export function base64Spellings(text: string, least: number): Spelling[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    // The characters at both ends may also encode bits of what comes before and after.
    const own = encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return new Spelling(Array.from(own, base64Character), Math.min(least, own.length), '', '');
  });
}

/** In both alphabets, and as JSON and URLs escape them. */
function base64Character(character: string): string[] {
  if (character === '+') return [String.raw`[+-]|%2[bB]|\\u002[bB]`];
  if (character === '/') return [String.raw`\\?[/_]|%2[fF]|\\u002[fF]`];
  return [character];
}
