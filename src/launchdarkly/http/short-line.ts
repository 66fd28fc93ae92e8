/** One printable line: what a server says must not be able to forge lines of a log, or move a terminal's cursor. */
export function shortLine(text: string, max: number): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return line.length > max ? `${line.slice(0, max - 3)}...` : line;
}
