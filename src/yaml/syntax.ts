import type { SyntaxFault } from './fault-log.js';
import type { Problem } from './problem.js';
import type { TokenWatch } from './token-watch.js';

/** What the parser could not make sense of, in words of ours. */
export function syntaxProblems(all: readonly SyntaxFault[], watch: TokenWatch): Problem[] {
  const faults = all.filter(isOfConcern);
  // A quote that is not closed swallows what follows, brackets included.
  const quote = faults.find((fault) => OPEN_QUOTE.test(fault.message));
  return (quote === undefined ? faults : [quote]).map((fault) => ({
    code: 'yaml-syntax',
    ...describe(fault, watch),
  }));
}

/**
 * Tags and directives are told where they stand already. A bracket that closes no deeper than its key is a breach of
 * the letter of YAML 1.2 that no parser minds.
 */
function isOfConcern({ code, isWarning }: SyntaxFault): boolean {
  return (
    !isWarning || !['TAG_RESOLVE_FAILED', 'BAD_DIRECTIVE', 'BAD_COLLECTION_TYPE', 'BAD_INDENT'].includes(code)
  );
}

function describe({ offset, message: full }: SyntaxFault, watch: TokenWatch): Omit<Problem, 'code'> {
  const text = full.split('\n')[0] ?? '';
  const quote = OPEN_QUOTE.exec(text)?.groups?.['mark'];
  if (quote !== undefined) {
    const message = `the quote ${quote} that opens here is not closed`;
    return { offset: watch.unclosedQuote(offset) ?? offset, message, hint: 'close it' };
  }
  const bracket = /end with a (?<mark>[}\]])$/.exec(text)?.groups?.['mark'];
  if (bracket !== undefined) {
    const message = `the ${bracket === '}' ? '{' : '['} that opens here is not closed`;
    return { offset: watch.unclosedBracket(offset) ?? offset, message, hint: `close it with ${bracket}` };
  }
  const start = /^Plain value cannot start with (?:.* )?(?<mark>\S)$/.exec(text)?.groups?.['mark'];
  if (start !== undefined) return { offset, message: `text cannot start with ${start}`, hint: 'quote it' };
  const words = WORDS.find(([pattern]) => pattern.test(text));
  return words === undefined ? { offset, message: text } : { offset, message: words[1], hint: words[2] };
}

const OPEN_QUOTE = /^Missing closing (?<mark>["'])quote/;

const WORDS: readonly (readonly [RegExp, string, string])[] = [
  [/^Tabs are not allowed/, 'a tab is used as indentation', 'indent with spaces'],
  [/must start at the same column$/, 'the indentation fits no line above', 'align the keys of a map'],
  [/^Nested mappings are not/, 'a second ": " on one line', 'quote text that holds a colon and a space'],
  [/^Implicit (map )?keys need to be/, 'a key without a value', 'write it as key: value'],
  [/^With stringKeys/, 'a list or a map is used as a key', 'keys are plain text'],
  [/at node end$/, 'something stands after the value', 'quote the whole text'],
  [/^Missing directives-end/, 'a line that starts with %', 'delete the line'],
  [/^Block collections are not/, 'indented lines inside of { } or [ ]', 'write the whole value in one style'],
];
