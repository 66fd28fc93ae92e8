/**
 * Lays pieces out in lines, as many to a line as fit; a piece that is longer than a line has one of its own.
 * @param indent of the lines after the first; the first is counted as if it stood behind it too
 * @param columns undefined where lines have no end, as in a file
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
