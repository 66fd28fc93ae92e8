import { createColors } from 'picocolors';
import type { Explanation } from '../../reconcile/explain.js';
import { scopeKey } from '../../reconcile/state.js';
import { byScope } from '../by-scope.js';
import { printable } from '../escape.js';
import type { TextOptions } from '../text-options.js';
import { provenanceWords } from '../words.js';
import { wrap } from '../wrap.js';
import { expiryWords } from '../list/list.js';
import type { ExplainReport } from './explain.js';
import { servedWords, shortWhyWords, stateWords, valueWords, whyWords } from './words.js';

/** Explanations for a terminal: a block about one flag in each scope, or a line for each flag. */
export function explainText(report: ExplainReport, options: TextOptions): string {
  const { explanations, warnings, flag } = report;
  const paint = createColors(options.color);
  const blocks =
    flag === undefined ? overview(report, options) : explanations.map((one) => details(one, options));
  const notes = warnings.map(
    (warning) => `${paint.yellow(wrapWords(`warning: ${warning}`, '  ', options))}\n`,
  );
  return [...blocks, ...(notes.length === 0 ? [] : [notes.join('')])].join('\n');
}

/** A block for each scope in which an override is live or declared, with a line for each flag. */
function overview(report: ExplainReport, options: TextOptions): string[] {
  const { context, scopes, explanations, hint } = report;
  const paint = createColors(options.color);
  const name = printable(`${context.kind} ${context.key}`);
  if (explanations.length === 0) {
    const [first] = scopes;
    const place =
      scopes.length === 1 && first !== undefined ? scopeKey(first) : `any of ${scopes.length} scopes`;
    const suggestion = hint === undefined ? '' : ` (${printable(hint)})`;
    return [`No override of ${name} is declared or live in ${printable(place)}${suggestion}.\n`];
  }
  const blocks = [...byScope(explanations)].map(([scope, here]) => {
    const width = Math.max(...here.map(({ flag }) => printable(flag).length));
    const lines = here.map((one) => flagLine(one, Math.min(width, MAX_PADDED), options));
    return `${paint.bold(`${name} in ${printable(scope)}`)}\n${lines.join('')}`;
  });
  return [...blocks, 'To see more about a flag, add its key to the command.\n'];
}

/** The names of flags are padded to at most this many characters. */
const MAX_PADDED = 24;

/** `  theme  "dark"  individual target · overrides/a.yaml:5:5 · pending`. */
function flagLine(explanation: Explanation, width: number, options: TextOptions): string {
  const { flag, live, declared, at, mark, manage, noEffect, why, excluded } = explanation;
  const differs = declared !== undefined && declared?.variation !== live?.variation;
  const words = [
    shortWhyWords(explanation),
    ...(live === null || why.reason === 'target' ? [] : [`live ${valueWords(live)}`]),
    ...(differs ? [`declared ${valueWords(declared)}`] : []),
    ...(at === undefined ? [] : [`${at.file}:${at.line}:${at.col}`]),
    ...expiryWords(explanation, options.now),
    ...(mark === undefined || mark === 'unknown' || mark === 'expired' ? [] : [mark]),
    ...(manage === undefined ? [] : [`manage: ${manage}`]),
    ...(excluded === true ? ['excluded'] : []),
    ...(noEffect === undefined ? [] : [`${differs ? 'will have ' : ''}no effect`]),
  ].join(' · ');
  const subject = `${printable(flag).padEnd(width)}  ${printable(servedWords(explanation))}`;
  const [first = '', ...others] = printable(words).split(' ');
  const pieces = [`${subject}  ${first}`, ...others];
  return `  ${wrap(pieces, { gap: ' ', indent: INDENT, columns: options.columns })}\n`;
}

const INDENT = '      ';

/** Everything about one flag in one scope. */
function details(explanation: Explanation, options: TextOptions): string {
  const paint = createColors(options.color);
  const { flag, kind, key, live, declared, at, owner, reason, provenance } = explanation;
  const title = printable(`${flag} for ${kind} ${key} in ${scopeKey(explanation)}`);
  const more = [
    ...(owner === undefined ? [] : [`owner ${owner}`]),
    ...(reason === undefined ? [] : [reason]),
    ...expiryWords(explanation, options.now),
  ];
  const place = at === undefined ? 'nowhere' : `${at.file}:${at.line}:${at.col}`;
  const value =
    declared === undefined ? [] : [declared === null ? 'null (no override)' : valueWords(declared)];
  const rows: readonly (readonly [string, string])[] = [
    ['served', servedWords(explanation)],
    ['because', whyWords(explanation)],
    ['live', valueWords(live)],
    ['declared', [...value, place].join(' in ')],
    ...(provenance === undefined || provenance.type === 'none'
      ? []
      : ([['commit', provenanceWords(provenance)]] as const)),
    ...(more.length === 0 ? [] : ([['', more.join(' · ')]] as const)),
    ['state', stateWords(explanation)],
  ];
  const lines = rows.map(([label, text]) => {
    const wrapped = wrapWords(text, ' '.repeat(LABEL), options);
    return `  ${paint.dim(label.padEnd(LABEL - 2))}${wrapped}\n`;
  });
  return `${paint.bold(title)}\n${lines.join('')}`;
}

/** The width of the labels, with the margins on both sides. */
const LABEL = 12;

function wrapWords(text: string, indent: string, { columns }: TextOptions): string {
  return wrap(printable(text).split(' '), { gap: ' ', indent, columns });
}
