import { widthOf } from '../text/width.js';

/** Text of one colour that is not broken. */
export interface PaintedText {
  readonly text: string;
  readonly paint: (text: string) => string;
}

/**
 * Puts as many pieces into a line as fit. A piece is never broken, even if it is wider than a line.
 * @param indent of the lines after the first one; the first is measured as if it were indented too
 * @param columns the width; undefined for a single line
 */
export function wrap(
  pieces: readonly (string | PaintedText)[],
  {
    gap,
    indent,
    columns,
  }: { readonly gap: string; readonly indent: string; readonly columns?: number | undefined },
): string {
  const [first, ...others] = pieces;
  if (first === undefined) return '';
  if (columns === undefined) return pieces.map(painted).join(gap);
  let wrapped = painted(first);
  let width = indent.length + widthOf(textOf(first));
  for (const piece of others) {
    const length = widthOf(textOf(piece));
    const fits = width + gap.length + length <= columns;
    wrapped += `${fits ? gap : `\n${indent}`}${painted(piece)}`;
    width = (fits ? width + gap.length : indent.length) + length;
  }
  return wrapped;
}

/**
 * Puts items into lines, separated by ` · `. An item stays on one line if a line has room for it, and otherwise begins a
 * line and is wrapped between words.
 * @param indent of the lines after the first one; the first is measured as if it were indented too
 * @param columns the width; undefined for a single line
 */
export function wrapItems(
  items: readonly string[],
  { indent, columns }: { readonly indent: string; readonly columns?: number | undefined },
): string {
  if (columns === undefined) return items.join(' · ');
  const layout = { gap: ' ', indent: '', columns: columns - indent.length };
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    const joined = `${last ?? ''} · ${item}`;
    if (last !== undefined && widthOf(joined) <= layout.columns) lines.splice(-1, 1, joined);
    else lines.push(...wrap(item.split(' '), layout).split('\n'));
  }
  return lines.join(`\n${indent}`);
}

function textOf(piece: string | PaintedText): string {
  return typeof piece === 'string' ? piece : piece.text;
}

function painted(piece: string | PaintedText): string {
  return typeof piece === 'string' ? piece : piece.paint(piece.text);
}
