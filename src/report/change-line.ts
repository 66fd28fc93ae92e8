import { createColors } from 'picocolors';
import type { ExpiryChange } from '../reconcile/dates.js';
import type { Action, Change, OverrideValue } from '../reconcile/plan.js';
import { showValue } from '../reconcile/show.js';
import { widthOf } from '../text/width.js';
import { printable } from './escape.js';
import { driftTagsOf, tagsOf } from './tags.js';
import { type TextOptions, valueLength, wrapWords } from './text-options.js';
import { changedWords, dateSides, dateWords, driftWords, sideWords } from './words.js';
import { type PaintedText, wrap } from './wrap.js';

const SIGNS: Readonly<Record<Action, string>> = { add: '+', update: '~', remove: '-' };

/** The sign of a date, which is neither added nor removed as an override is. */
const DATE_SIGN = '@';

/** The indentation of what does not fit on the line of a change. */
const INDENT = '        ';

/**
 * One line for a change of an override: `+ theme  user bob  "dark"  [drift]  overrides/look.yaml:5`; and below it, if
 * live moved, how it differs from what is declared and who changed it.
 */
export function changeLine(change: Change, options: TextOptions): string {
  const paint = createColors(options.color);
  const { drift } = change;
  if (options.asDrift === true && drift !== undefined) {
    const most = valueLength(options, INDENT.length + 'declared '.length);
    const what = [`declared ${sideWords(drift.declared, most)}`, `live ${sideWords(drift.live, most)}`];
    const line = itemLine(change, { sign: paint.yellow('!'), what: what.map(printable) }, options);
    return [line, ...changedWords(drift).map((text) => below(text, options))].join('\n');
  }
  const colors = { add: paint.green, update: paint.yellow, remove: paint.red };
  const sign = colors[change.action](SIGNS[change.action]);
  const line = itemLine(change, { sign, what: valuePieces(change, options) }, options);
  if (drift === undefined) return line;
  return `${line}\n${below([driftWords(drift, valueLength(options, INDENT.length)), ...changedWords(drift)].join(', '), options)}`;
}

function below(text: string, options: TextOptions): string {
  return `${INDENT}${createColors(options.color).dim(wrapWords(text, INDENT, options))}`;
}

/** One line for a change of a date: `@ theme  user bob  expires 2026-12-31  overrides/look.yaml:5`. */
export function dateLine(date: ExpiryChange, options: TextOptions): string {
  const sign = createColors(options.color).cyan(DATE_SIGN);
  const what = options.asDrift === true ? dateSides(date) : [dateWords(date)];
  return itemLine(date, { sign, what: what.map(printable) }, options);
}

function itemLine(
  item: Change | ExpiryChange,
  { sign, what }: { readonly sign: string; readonly what: readonly string[] },
  options: TextOptions,
): string {
  const paint = createColors(options.color);
  const tagged = options.asDrift === true ? driftTagsOf(item) : tagsOf(item);
  const names = tagged.map(({ name }) => name);
  const tags: PaintedText[] =
    names.length === 0
      ? []
      : [{ text: `[${names.join(', ')}]`, paint: item.protected === true ? paint.red : paint.yellow }];
  const place = (text: string): PaintedText => ({ text: printable(text), paint: paint.dim });
  const line = (last: PaintedText): string => {
    const pieces = [printable(item.flag), printable(`${item.kind} ${item.key}`), ...what, ...tags, last];
    return `    ${sign} ${wrap(pieces, { gap: '  ', indent: INDENT, columns: options.columns })}`;
  };
  if (item.at === undefined) return line(place('no longer declared'));
  const full = `${item.at.file}:${item.at.line}`;
  const short = full.replace(/^.*(?=\/)/, '...');
  const [whole, shorter] = [line(place(full)), line(place(short))];
  const overflows = INDENT.length + full.length > (options.columns ?? Number.POSITIVE_INFINITY);
  return overflows || countLines(shorter) < countLines(whole) ? shorter : whole;
}

function countLines(text: string): number {
  return text.split('\n').length;
}

/** `true`, `"light" -> "dark"`, or `was "dark"`; in two pieces if one would be wider than a line. */
function valuePieces({ before, after }: Change, options: TextOptions): readonly string[] {
  const valueText = (value: OverrideValue | null, beside: number): string =>
    value === null ? 'none' : printable(showValue(value.value, valueLength(options, INDENT.length + beside)));
  if (before === null) return [valueText(after, 0)];
  if (after === null) return [`was ${valueText(before, 'was '.length)}`];
  const pieces = [`${valueText(before, ' ->'.length)} ->`, valueText(after, 0)];
  const whole = pieces.join(' ');
  const fits = options.columns === undefined || INDENT.length + widthOf(whole) <= options.columns;
  return fits ? [whole] : pieces;
}
