import { createColors } from 'picocolors';
import type { ListedOverride } from '../../reconcile/list.js';
import type { OverrideValue } from '../../reconcile/plan.js';
import { showValue } from '../../reconcile/show.js';
import { scopeKey } from '../../reconcile/state.js';
import { widthOf } from '../../text/width.js';
import { printable } from '../escape.js';
import { type TextOptions, valueLength, wrapWords } from '../text-options.js';
import { noEffectWords, provenanceWords } from '../words.js';
import { type PaintedText, wrap, wrapItems } from '../wrap.js';
import { expiryWords, listedMarkWords, type OverrideList, totalWords } from './list.js';

const INDENT = '      ';

/** A list for a terminal: a block for each scope, with two lines for each override: what it is, and where it comes from. */
export function listText({ overrides, warnings }: OverrideList, options: TextOptions): string {
  const paint = createColors(options.color);
  let text = '';
  let scope = '';
  for (const override of overrides) {
    const name = scopeKey(override);
    if (name !== scope) text += `${text === '' ? '' : '\n'}${paint.bold(wrapWords(name, '  ', options))}\n`;
    scope = name;
    text += overrideLines(override, options);
  }
  if (text !== '') text += '\n';
  for (const warning of warnings)
    text += `${paint.yellow(wrapWords(`warning: ${warning}`, '  ', options))}\n`;
  const total = overrides.length === 0 ? 'No overrides' : totalWords(overrides);
  return `${text}${wrapWords(`${total}.`, '  ', options)}\n`;
}

function overrideLines(override: ListedOverride, options: TextOptions): string {
  const paint = createColors(options.color);
  const { flag, kind, key, at, owner, provenance, reason } = override;
  const marks = listedMarkWords(override).map(printable);
  const pieces: (string | PaintedText)[] = [
    printable(flag),
    printable(`${kind} ${key}`),
    ...valuePieces(override, options),
    ...(marks.length === 0 ? [] : [{ text: `[${marks.join(', ')}]`, paint: paint.yellow }]),
  ];
  const details = [
    ...(at === undefined ? [] : [`${at.file}:${at.line}:${at.col}`]),
    ...(at === undefined && provenance.type !== 'commit' ? [] : [provenanceWords(provenance)]),
    ...(owner === undefined ? [] : [`owner ${owner}`]),
    ...(reason === undefined ? [] : [reason]),
    ...expiryWords(override, options.now),
    ...noEffectWords(override),
  ].map(printable);
  const first = wrap(pieces, { gap: '  ', indent: INDENT, columns: options.columns });
  const second = wrapItems(details, { indent: INDENT, columns: options.columns });
  return `  ${first}\n${details.length === 0 ? '' : `${INDENT}${paint.dim(second)}\n`}`;
}

/** The live value, and the declared one if it is another; in two pieces if one would be wider than a line. */
function valuePieces({ live, declared }: ListedOverride, options: TextOptions): readonly string[] {
  if (declared === undefined || live?.variation === declared?.variation) return [valueText(live, options)];
  const before = '(declared ';
  const pieces = [
    valueText(live, options),
    `${before}${valueText(declared, options, before.length + ')'.length)})`,
  ];
  const whole = pieces.join(' ');
  const fits = options.columns === undefined || INDENT.length + widthOf(whole) <= options.columns;
  return fits ? [whole] : pieces;
}

function valueText(value: OverrideValue | null, options: TextOptions, beside = 0): string {
  if (value === null) return 'none';
  return printable(showValue(value.value, valueLength(options, INDENT.length + beside)));
}
