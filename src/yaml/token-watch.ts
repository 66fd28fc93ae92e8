import { CST } from 'yaml';
import type { YamlCode } from '../diagnostics/codes.js';
import type { Problem } from './problem.js';

/**
 * Looks at a file's tokens on their way to the parser: it reports unsupported YAML features with their exact place and
 * text, and remembers quotes and brackets that are never closed.
 */
export class TokenWatch {
  readonly problems: Problem[] = [];
  /** Brackets that are still open, the innermost last. */
  #open: { readonly type: string; readonly offset: number }[] = [];
  /** The same as the parser sees it: a closing bracket of either kind closes the innermost one. */
  #openToParser: string[] = [];
  /** Offsets at which the parser expects a closing bracket. */
  readonly #missing: number[] = [];
  readonly #unclosedBrackets: number[] = [];
  #quoteTakenForClosed: number | undefined;
  readonly #unclosedQuotes: { readonly offset: number; readonly end: number }[] = [];
  #isScalarNext = false;

  /** @param offset where the token starts */
  see(token: string, offset: number): void {
    if (this.#isScalarNext) {
      this.#isScalarNext = false;
      return;
    }
    const type = CST.tokenType(token);
    if (type === 'scalar') this.#isScalarNext = true;
    else if (type === 'single-quoted-scalar' || type === 'double-quoted-scalar') {
      if (isUnclosed(token)) this.#unclosedQuotes.push({ offset, end: offset + token.length });
      else if (type === 'double-quoted-scalar' && endsEscaped(token)) this.#quoteTakenForClosed ??= offset;
    } else if (type === 'flow-map-start' || type === 'flow-seq-start') {
      this.#open.push({ type, offset });
      this.#openToParser.push(type);
    } else if (type === 'flow-map-end') this.#close('flow-map-start', offset);
    else if (type === 'flow-seq-end') this.#close('flow-seq-start', offset);
    else if (type === 'flow-error-end') this.end(offset);
    else this.#refuse(type, token, offset);
  }

  /** All open brackets remain unclosed: the file, or the block that contains them, ends at this offset. */
  end(end: number): void {
    if (this.#openToParser.length > 0) this.#missing.push(end);
    this.#openToParser = [];
    this.#unclosedBrackets.push(...this.#open.map(({ offset }) => offset));
    this.#open = [];
  }

  /** Offset of the opening quote of a text that ends at this offset and has no closing quote. */
  unclosedQuoteEndingAt(end: number): number | undefined {
    return this.#unclosedQuotes.find((quote) => quote.end === end)?.offset;
  }

  /**
   * Offset of the first opening quote whose text ends with an escaped quote (`"x\"`), which the parser takes for the
   * closing one.
   */
  get quoteTakenForClosed(): number | undefined {
    return this.#quoteTakenForClosed;
  }

  /**
   * Offset of the innermost unclosed bracket before this offset, if the parser expects a closing one here. The parser
   * reports the end of the last item; blanks and comments may follow before the place at which it expects the bracket.
   */
  unclosedBracket(before: number, text: string): number | undefined {
    const end = this.#missing.find((offset) => offset >= before);
    if (end === undefined || !isBlank(text, before, end)) return undefined;
    return this.#unclosedBrackets.findLast((offset) => offset < before);
  }

  /** A bracket of the other kind cannot close this one, so all brackets opened in between are unclosed. */
  #close(type: string, end: number): void {
    const innermost = this.#openToParser.pop();
    if (innermost !== undefined && innermost !== type) this.#missing.push(end);
    const index = this.#open.findLastIndex((bracket) => bracket.type === type);
    if (index === -1) return;
    const skipped = this.#open.splice(index).slice(1);
    this.#unclosedBrackets.push(...skipped.map(({ offset }) => offset));
  }

  #refuse(type: string | null, source: string, offset: number): void {
    const feature = type === null ? undefined : FEATURES[type];
    // Most tokens are blanks or line breaks, so the source is copied only after this check.
    if (feature === undefined) return;
    const { code, name, hint } = feature;
    const token = source.trimEnd();
    const remedy = /^\*:?$/.test(token) ? STAR_HINT : hint;
    this.problems.push({ code, offset, message: `the ${name} ${token} is not supported`, hint: remedy });
  }
}

/** Unsupported features, by the parser's name for their token. */
const FEATURES: Readonly<
  Record<string, { readonly code: YamlCode; readonly name: string; readonly hint: string }>
> = {
  anchor: {
    code: 'yaml-anchor',
    name: 'anchor',
    hint: 'delete it; groups give many contexts the same settings',
  },
  alias: { code: 'yaml-alias', name: 'alias', hint: 'repeat the value, or use groups' },
  tag: { code: 'yaml-tag', name: 'tag', hint: 'delete it; quote what must be text' },
  'directive-line': { code: 'yaml-directive', name: 'directive', hint: 'delete the line' },
};

/** A lone star is more often meant as "everyone" than as an alias. */
const STAR_HINT = 'quote it if text is meant; to set several contexts at once, use groups';

/** By the same rule as the parser. */
function isUnclosed(token: string): boolean {
  return token.length === 1 || token.at(-1) !== token[0];
}

/** Whether the last character of a double-quoted text is escaped: an odd number of backslashes precedes it. */
function endsEscaped(token: string): boolean {
  let at = token.length - 2;
  while (token[at] === '\\') at -= 1;
  return (token.length - at) % 2 === 1;
}

/** Whether there are only blanks, line breaks and comments between two offsets. */
function isBlank(text: string, start: number, end: number): boolean {
  let isComment = false;
  for (let at = start; at < end; at += 1) {
    const character = text[at];
    if (character === '\n') isComment = false;
    else if (character === '#') isComment = true;
    else if (!isComment && character !== ' ' && character !== '\t' && character !== '\r') return false;
  }
  return true;
}
