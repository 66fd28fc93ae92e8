/**
 * Puts as many pieces into a line as fit. A piece is never broken, even if it is wider than a line.
 * @param indent of the lines after the first one; the first is measured as if it were indented too
 * @param columns the width; undefined for a single line
 */
export function wrap(
  pieces: readonly string[],
  {
    gap,
    indent,
    columns,
  }: { readonly gap: string; readonly indent: string; readonly columns?: number | undefined },
): string {
  if (columns === undefined) return pieces.join(gap);
  const lines: string[] = [];
  for (const piece of pieces) {
    const line = lines.at(-1);
    const longer = `${line}${gap}${piece}`;
    if (line === undefined || indent.length + longer.length > columns) lines.push(piece);
    else lines[lines.length - 1] = longer;
  }
  return lines.join(`\n${indent}`);
}
