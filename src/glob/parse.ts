import { OperatorError } from '../diagnostics/operator-error.js';

/** Paths of files, in which `*` does not match a slash but `**` does; or keys, in which a slash is not special. */
export type GlobKind = 'path' | 'key';

/** A part of a pattern without alternatives. */
export type Part =
  | { readonly type: 'text'; readonly text: string }
  /** `?` */
  | { readonly type: 'one' }
  /** `*` */
  | { readonly type: 'star' }
  /** `**` in a path */
  | { readonly type: 'folders' }
  /** `/` in a path */
  | { readonly type: 'slash' }
  /** `[a-z]`: code points from one to another */
  | {
      readonly type: 'set';
      readonly negated: boolean;
      readonly ranges: readonly (readonly [number, number])[];
    };

/** Characters of a pattern; far more than anyone writes by hand. */
const MAX_LENGTH = 1000;

/** Alternatives that braces expand to: `{a,b}{c,d}` has four. */
const MAX_ALTERNATIVES = 200;

/** Characters that a backslash escapes. */
const SIGNS = /^[*?[\]{}(),!^\\-]/;

const GROUP_HINT = 'write {a,b} for alternatives, or [(] for the character';

/**
 * Parses a pattern: `*`, `?`, `[a-z]`, `[!a-z]`, `{a,b}`, and `**` in paths. Extended globs, groups, named classes and
 * ranges in braces are refused: matching them takes unbounded time, or they would silently be matched literally.
 * @returns the alternatives that braces expand to; the pattern matches what any of them matches
 * @throws OperatorError `bad-glob`, with the mistake and how to write it
 */
export function parseGlob(pattern: string, kind: GlobKind): Part[][] {
  const fail = (what: string, hint: string): never => {
    const shown = pattern.length > 60 ? `${pattern.slice(0, 57)}...` : pattern;
    throw new OperatorError('bad-glob', `the glob ${shown}: ${what}`, { hint });
  };
  if (pattern.length > MAX_LENGTH) fail(`it has more than ${MAX_LENGTH} characters`, 'write several globs');
  return new GlobParser(pattern, kind, fail).parse();
}

class GlobParser {
  readonly #pattern: string;
  readonly #kind: GlobKind;
  readonly #fail: (what: string, hint: string) => never;
  #at = 0;

  constructor(pattern: string, kind: GlobKind, fail: (what: string, hint: string) => never) {
    this.#pattern = pattern;
    this.#kind = kind;
    this.#fail = fail;
  }

  parse(): Part[][] {
    return this.#branch(false).map(joinText);
  }

  /** Reads to the end of the pattern; within braces, to the comma or brace that ends an alternative. */
  #branch(inBraces: boolean): Part[][] {
    let alternatives: Part[][] = [[]];
    while (this.#at < this.#pattern.length) {
      if (inBraces && /[,}]/.test(this.#next())) break;
      const parts = this.#part();
      if (alternatives.length * parts.length > MAX_ALTERNATIVES) this.#tooMany();
      alternatives = alternatives.flatMap((before) => parts.map((part) => [...before, ...part]));
    }
    return alternatives;
  }

  #part(): Part[][] {
    const pattern = this.#pattern;
    const before = pattern.slice(Math.max(0, this.#at - 2), this.#at);
    const sign = this.#take();
    switch (sign) {
      case '*':
        return [[this.#star()]];
      case '?':
        return [[{ type: 'one' }]];
      case '[':
        return [[this.#set()]];
      case '{':
        return this.#braces();
      case '(':
        if (/(?<!\\)[?*+@!]$/.test(before))
          this.#fail(`extended globs such as ${before.slice(-1)}(...) are not supported`, GROUP_HINT);
        if (/^[^()]*\|[^()]*\)/.test(pattern.slice(this.#at)))
          this.#fail('groups such as (a|b) are not supported', GROUP_HINT);
        return [[text(sign)]];
      case '\\':
        return [[text(SIGNS.test(pattern.slice(this.#at)) ? this.#take() : sign)]];
      case '/':
        return [[this.#kind === 'path' ? { type: 'slash' } : text(sign)]];
      default:
        return [[text(sign)]];
    }
  }

  #star(): Part {
    const stars = /^\**/.exec(this.#pattern.slice(this.#at))?.[0].length ?? 0;
    this.#at += stars;
    return { type: stars > 0 && this.#kind === 'path' ? 'folders' : 'star' };
  }

  /** Braces without a comma are ordinary characters, as in every shell. */
  #braces(): Part[][] {
    const start = this.#at;
    const branches: Part[][][] = [];
    let count = 0;
    do {
      const branch = this.#branch(true);
      branches.push(branch);
      count += branch.length;
      if (count > MAX_ALTERNATIVES) this.#tooMany();
      if (this.#at >= this.#pattern.length)
        this.#fail('a { is not closed', 'close it with }, or write [{] for the character');
    } while (this.#take() === ',');
    const [only = [], ...others] = branches;
    if (others.length > 0) return branches.flat();
    if (this.#pattern.slice(start, this.#at - 1).includes('..'))
      this.#fail('ranges such as {1..3} are not supported', 'write each of them: {1,2,3}');
    return only.map((parts) => [text('{'), ...parts, text('}')]);
  }

  #set(): Part {
    const negated = /[!^]/.test(this.#next());
    if (negated) this.#at += 1;
    const ranges: [number, number][] = [];
    for (let first = true; first || this.#next() !== ']'; first = false) {
      const from = this.#member();
      const isRange = this.#next() === '-' && this.#pattern[this.#at + 1] !== ']';
      if (isRange) this.#at += 1;
      const to = isRange ? this.#member() : from;
      if (to < from) {
        const [a, b] = [from, to].map((code) => String.fromCodePoint(code));
        this.#fail(`the range ${a}-${b} runs backwards`, `write ${b}-${a}`);
      }
      ranges.push([from, to]);
    }
    this.#at += 1;
    return { type: 'set', negated, ranges };
  }

  /** A character between brackets. */
  #member(): number {
    if (this.#at >= this.#pattern.length)
      this.#fail('a [ is not closed', 'close it with ], or write [[] for the character');
    if (/^\[[:.=]/.test(this.#pattern.slice(this.#at)))
      this.#fail('classes such as [:alpha:] are not supported', 'write the characters, for example [A-Za-z]');
    if (this.#next() === '/' && this.#kind === 'path')
      this.#fail('a / cannot be in brackets', 'write the folders one after the other');
    const sign = this.#take();
    const member = sign === '\\' && SIGNS.test(this.#pattern.slice(this.#at)) ? this.#take() : sign;
    return member.codePointAt(0) ?? 0;
  }

  #tooMany(): never {
    return this.#fail(
      `its braces expand to more than ${MAX_ALTERNATIVES} alternatives`,
      'write several globs',
    );
  }

  /** The character that comes next, or an empty text at the end. */
  #next(): string {
    const code = this.#pattern.codePointAt(this.#at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  #take(): string {
    const sign = this.#next();
    this.#at += sign.length;
    return sign;
  }
}

function text(characters: string): Part {
  return { type: 'text', text: characters };
}

/** Joins adjacent texts. */
function joinText(parts: readonly Part[]): Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.type === 'text' && last?.type === 'text')
      joined[joined.length - 1] = text(last.text + part.text);
    else joined.push(part);
  }
  return joined;
}
