import type { YAMLError } from 'yaml';
import type { SyntaxFault } from './fault-log.js';
import type { Problem } from './problem.js';
import type { TokenWatch } from './token-watch.js';

/** Describes syntax errors by the parser's codes, and by the text and tokens if a code has several meanings. */
export function syntaxProblems(all: readonly SyntaxFault[], watch: TokenWatch, text: string): Problem[] {
  const faults = all.filter((fault) => !isReportedOtherwise(fault, watch, text));
  // A quote that is not closed swallows what follows, so all other faults are only consequences.
  const start =
    watch.quoteTakenForClosed ??
    faults.map((fault) => unclosedQuote(fault, watch)).find((offset) => offset !== undefined);
  if (start !== undefined) {
    const message = `the quote ${text.charAt(start)} that opens here is not closed`;
    return [{ code: 'yaml-syntax', offset: start, message, hint: 'close it' }];
  }
  return faults.map((fault) => ({ code: 'yaml-syntax', ...describe(fault, watch, text) }));
}

type Description = Omit<Problem, 'code'>;
type Words = readonly [message: string, hint: string];

/**
 * Tags and directives are reported by `TokenWatch`. A bracket that closes no deeper than its key is a warning: YAML 1.2
 * forbids it, but parsers accept it.
 */
function isReportedOtherwise(
  { code, offset, isWarning, about }: SyntaxFault,
  watch: TokenWatch,
  text: string,
): boolean {
  if (isWarning && IGNORED_WARNINGS.has(code)) return true;
  // The parser misses the --- that ends directives where the document starts, or at the end of the file.
  const isAfterDirectives = about === 'document' || (about === undefined && offset === text.length);
  return (
    code === 'MISSING_CHAR' &&
    isAfterDirectives &&
    watch.problems.some((problem) => problem.code === 'yaml-directive') &&
    watch.unclosedBracket(offset, text) === undefined
  );
}

const IGNORED_WARNINGS: ReadonlySet<YAMLError['code']> = new Set([
  'TAG_RESOLVE_FAILED',
  'BAD_DIRECTIVE',
  'BAD_COLLECTION_TYPE',
  'BAD_INDENT',
]);

/** Offset of the opening quote, if the parser misses the closing one. */
function unclosedQuote({ code, offset }: SyntaxFault, watch: TokenWatch): number | undefined {
  return code === 'MISSING_CHAR' ? watch.unclosedQuoteEndingAt(offset) : undefined;
}

function describe(fault: SyntaxFault, watch: TokenWatch, text: string): Description {
  const { code, offset } = fault;
  const bracket =
    code === 'MISSING_CHAR' || code === 'BAD_INDENT' ? watch.unclosedBracket(offset, text) : undefined;
  if (bracket !== undefined) {
    const opening = text.charAt(bracket);
    return {
      offset: bracket,
      message: `the ${opening} that opens here is not closed`,
      hint: `close it with ${opening === '{' ? '}' : ']'}`,
    };
  }
  const words = wordsFor(fault, text);
  // Otherwise, the first line of the parser's message: the rest of it quotes the file.
  if (words === undefined) return { offset, message: fault.message.split('\n')[0] ?? '' };
  return { offset, message: words[0], hint: words[1] };
}

/** Tokens that can be unexpected without a value before them. */
const MISPLACED: ReadonlySet<string> = new Set(['comma', 'error', 'map-value-ind']);

/** Undefined if the parser uses the code for too many mistakes to describe one. */
function wordsFor(fault: SyntaxFault, text: string): Words | undefined {
  const words = WORDS[fault.code];
  return typeof words === 'function' ? words(fault, text) : words;
}

/** For lines below a key that has an empty map or list on its own line, as in `users: {}`. */
function emptyAbove(offset: number, text: string): Words | undefined {
  const lines = text
    .slice(0, text.indexOf('\n', offset) + 1 || text.length)
    .trimEnd()
    .split('\n');
  const below = lines.at(-1) ?? '';
  const [, indent = '', key = '', empty = ''] =
    /^( *)(.+?): *(\{ *\}|\[ *\]) *$/.exec(lines.at(-2) ?? '') ?? [];
  if (empty === '' || below.search(/\S/) <= indent.length) return undefined;
  const kind = empty.startsWith('{') ? 'map' : 'list';
  return [`${key} is an empty ${kind}, so nothing can be indented below it`, `remove the ${empty}`];
}

const NO_VALUE: Words = ['a key without a value', 'write it as key: value'];

const WORDS: Readonly<
  Partial<Record<YAMLError['code'], Words | ((fault: SyntaxFault, text: string) => Words | undefined)>>
> = {
  TAB_AS_INDENT: ['a tab is used as indentation', 'indent with spaces'],
  BAD_INDENT: ({ offset }, text) =>
    emptyAbove(offset, text) ?? [
      'the indentation matches no line above',
      'align the keys of a map, and indent all lines of a block of text',
    ],
  BLOCK_AS_IMPLICIT_KEY: ({ offset }, text) =>
    /^-\s/.test(text.slice(offset, offset + 2))
      ? undefined
      : ['a second ": " on one line', 'quote text that contains a colon and a space'],
  MULTILINE_IMPLICIT_KEY: NO_VALUE,
  MISSING_CHAR: ({ about }) => (about === 'node' ? NO_VALUE : undefined),
  NON_STRING_KEY: ['a list or a map is used as a key', 'keys are plain text'],
  UNEXPECTED_TOKEN: ({ about }) =>
    about === undefined || MISPLACED.has(about)
      ? undefined
      : ['unexpected text after the value', 'quote the whole text'],
  BLOCK_IN_FLOW: ['indented lines inside { } or [ ]', 'write the whole value in one style'],
  BAD_SCALAR_START: ({ offset }, text) => [`text cannot start with ${text.charAt(offset)}`, 'quote it'],
};
