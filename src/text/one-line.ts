/** Text as one line: control characters, line breaks of every kind and bidirectional marks become spaces. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
}

/**
 * Untrusted text, such as a server's message, as one short line, which can neither forge lines of a log nor move a
 * terminal's cursor. All format characters (Cf) become spaces too.
 * @param max length in UTF-16 units; a longer text ends with `...`
 */
export function shortLine(text: string, max: number): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return line.length > max ? `${line.slice(0, max - 3)}...` : line;
}
