/**
 * Text from a server as one printable line of at most `max` characters. It can then neither forge lines of a log nor
 * move a terminal's cursor.
 */
export function shortLine(text: string, max: number): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return line.length > max ? `${line.slice(0, max - 3)}...` : line;
}
