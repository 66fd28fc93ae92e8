import { createColors } from 'picocolors';
import type { Explanation } from '../../reconcile/explain.js';
import { scopeKey } from '../../reconcile/state.js';
import { widthOf } from '../../text/width.js';
import { byScope } from '../by-scope.js';
import { printable } from '../escape.js';
import { type TextOptions, valueLength, wrapWords } from '../text-options.js';
import { provenanceWords } from '../words.js';
import { wrap, wrapItems } from '../wrap.js';
import { expiryWords } from '../list/list.js';
import type { ExplainReport } from './explain.js';
import { servedWords, shortWhyWords, stateWords, valueWords, whyWords } from './words.js';

/** Explanations for a terminal: a block about one flag in each scope, or a line for each flag. */
export function explainText(report: ExplainReport, options: TextOptions): string {
  const { explanations, warnings, flag, hint } = report;
  const paint = createColors(options.color);
  const blocks =
    flag === undefined
      ? overview(report, options)
      : [
          ...explanations.map((one) => details(one, options)),
          ...(hint === undefined ? [] : [noneText(report, options)]),
        ];
  const notes = warnings.map(
    (warning) => `${paint.yellow(wrapWords(`warning: ${warning}`, '  ', options))}\n`,
  );
  return [...blocks, ...(notes.length === 0 ? [] : [notes.join('')])].join('\n');
}

/** A block for each scope in which an override is live or declared, with a line for each flag. */
function overview(report: ExplainReport, options: TextOptions): string[] {
  const { context, explanations } = report;
  const paint = createColors(options.color);
  const name = `${context.kind} ${context.key}`;
  if (explanations.length === 0) return [noneText(report, options)];
  const blocks = [...byScope(explanations)].map(([scope, here]) => {
    const width = Math.max(...here.map(({ flag }) => printable(flag).length));
    const lines = here.map((one) => flagLine(one, Math.min(width, MAX_PADDED), options));
    return `${paint.bold(wrapWords(`${name} in ${scope}`, MARGIN, options))}\n${lines.join('')}`;
  });
  return [
    ...blocks,
    `${wrapWords('To see more about a flag, add its key to the command.', '  ', options)}\n`,
  ];
}

/** Says that the context has no override, and what may have been meant. */
function noneText({ context, scopes, hint }: ExplainReport, options: TextOptions): string {
  const [first] = scopes;
  const place =
    scopes.length === 1 && first !== undefined ? scopeKey(first) : `any of ${scopes.length} scopes`;
  const suggestion = hint === undefined ? '' : ` (${hint})`;
  const text = `No override of ${context.kind} ${context.key} is declared or live in ${place}${suggestion}.`;
  return `${wrapWords(text, MARGIN, options)}\n`;
}

/** The names of flags are padded to at most this many characters. */
const MAX_PADDED = 24;

/** `  theme  "dark"  individual target · overrides/a.yaml:5:5 · pending`. */
function flagLine(explanation: Explanation, width: number, options: TextOptions): string {
  const { flag, live, declared, at, mark, manage, noEffect, why, excluded } = explanation;
  const differs = declared !== undefined && declared?.variation !== live?.variation;
  const most = valueLength(options, INDENT.length);
  const words = [
    shortWhyWords(explanation),
    ...(live === null || why.reason === 'target' ? [] : [`live ${valueWords(live, most)}`]),
    ...(differs ? [`declared ${valueWords(declared, most)}`] : []),
    ...(at === undefined ? [] : [`${at.file}:${at.line}:${at.col}`]),
    ...expiryWords(explanation, options.now),
    ...(mark === undefined || mark === 'unknown' || mark === 'expired' ? [] : [mark]),
    ...(manage === undefined ? [] : [`manage: ${manage}`]),
    ...(excluded === true ? ['excluded'] : []),
    ...(noEffect === undefined ? [] : [`${differs ? 'will have ' : ''}no effect`]),
  ].map(printable);
  const name = printable(flag).padEnd(width);
  const value = printable(servedWords(explanation, most));
  const [first = '', ...others] = words;
  const fits = (line: string, margin: string): boolean =>
    options.columns === undefined || margin.length + widthOf(line) <= options.columns;
  const layout = { gap: ' ', indent: INDENT, columns: options.columns };
  const whole = `${name}  ${value}  ${first}`;
  if (fits(whole, INDENT)) return `${MARGIN}${wrapItems([whole, ...others], layout)}\n`;
  const [start = '', ...rest] = value.split(' ');
  const beside = `${name}  ${start}`;
  const values = fits(beside, MARGIN)
    ? wrap([beside, ...rest], layout)
    : `${name.trimEnd()}\n${INDENT}${wrap([start, ...rest], layout)}`;
  return `${MARGIN}${values}\n${INDENT}${wrapItems(words, layout)}\n`;
}

const MARGIN = '  ';

const INDENT = '      ';

/** Everything about one flag in one scope. */
function details(explanation: Explanation, options: TextOptions): string {
  const paint = createColors(options.color);
  const { flag, kind, key, live, declared, at, owner, reason, manage, provenance } = explanation;
  const title = wrapWords(`${flag} for ${kind} ${key} in ${scopeKey(explanation)}`, MARGIN, options);
  const most = valueLength(options, LABEL);
  const more = [
    ...(owner === undefined ? [] : [`owner ${owner}`]),
    ...(reason === undefined ? [] : [reason]),
    ...(manage === undefined ? [] : [`manage: ${manage}`]),
    ...expiryWords(explanation, options.now),
  ];
  const place = at === undefined ? 'nowhere' : `${at.file}:${at.line}:${at.col}`;
  const value =
    declared === undefined ? [] : [declared === null ? 'null (no override)' : valueWords(declared, most)];
  const rows: readonly (readonly [string, string])[] = [
    ['served', servedWords(explanation, most)],
    ['because', whyWords(explanation)],
    ['live', valueWords(live, most)],
    ['declared', [...value, place].join(' in ')],
    ...(provenance === undefined || provenance.type === 'none'
      ? []
      : ([['commit', provenance.type === 'unknown' ? 'unknown' : provenanceWords(provenance)]] as const)),
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
