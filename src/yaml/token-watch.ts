import { CST } from 'yaml';
import type { YamlCode } from '../diagnostics/codes.js';
import type { Problem } from './problem.js';

/**
 * Looks at a file's tokens on their way to the parser: it finds what YAML offers beyond maps, lists and scalars
 * exactly where it stands and as it is written, and remembers where quotes and brackets open that never close.
 */
export class TokenWatch {
  readonly problems: Problem[] = [];
  /** Brackets that are still open, the innermost last. */
  #open: { readonly type: string; readonly offset: number }[] = [];
  readonly #unclosedBrackets: number[] = [];
  readonly #unclosedQuotes: number[] = [];
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
      if (mayBeUnclosed(token)) this.#unclosedQuotes.push(offset);
    } else if (type === 'flow-map-start' || type === 'flow-seq-start') this.#open.push({ type, offset });
    else if (type === 'flow-map-end') this.#close('flow-map-start');
    else if (type === 'flow-seq-end') this.#close('flow-seq-start');
    else if (type === 'flow-error-end') this.end();
    else this.#refuse(type, token, offset);
  }

  /** No more tokens: what is open now stays open. */
  end(): void {
    this.#unclosedBrackets.push(...this.#open.map(({ offset }) => offset));
    this.#open = [];
  }

  /** Offset of the quote that opened last before this place and may not have been closed. */
  unclosedQuote(before: number): number | undefined {
    return this.#unclosedQuotes.findLast((offset) => offset < before);
  }

  /** Offset of the innermost bracket that opened before this place and was not closed. */
  unclosedBracket(before: number): number | undefined {
    return this.#unclosedBrackets.findLast((offset) => offset < before);
  }

  /** A bracket of the other sort cannot close this one: then what stands between them was never closed. */
  #close(type: string): void {
    const index = this.#open.findLastIndex((bracket) => bracket.type === type);
    if (index === -1) return;
    const skipped = this.#open.splice(index).slice(1);
    this.#unclosedBrackets.push(...skipped.map(({ offset }) => offset));
  }

  #refuse(type: string | null, source: string, offset: number): void {
    const feature = type === null ? undefined : FEATURES[type];
    // Nearly every token is a blank or a line break, so nothing is copied before this.
    if (feature === undefined) return;
    const { code, name, hint } = feature;
    const token = source.trimEnd();
    const wish = /^\*:?$/.test(token) ? STAR_HINT : hint;
    this.problems.push({ code, offset, message: `the ${name} ${token} is not supported`, hint: wish });
  }
}

/** What is refused, by the parser's name for its token. */
const FEATURES: Readonly<
  Record<string, { readonly code: YamlCode; readonly name: string; readonly hint: string }>
> = {
  anchor: { code: 'yaml-anchor', name: 'anchor', hint: 'delete it; groups repeat settings' },
  alias: { code: 'yaml-alias', name: 'alias', hint: 'repeat the value, or use groups' },
  tag: { code: 'yaml-tag', name: 'tag', hint: 'delete it; quote what must be text' },
  'directive-line': { code: 'yaml-directive', name: 'directive', hint: 'delete the line' },
};

/** A lone star is more often a wish for "everyone" than an alias. */
const STAR_HINT = 'quote it if text is meant; nothing here matches several keys, use groups';

function mayBeUnclosed(token: string): boolean {
  return token.length === 1 || token.at(-1) !== token[0] || token.at(-2) === '\\';
}
