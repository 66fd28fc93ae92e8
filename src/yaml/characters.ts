import type { Problem } from './problem.js';

/**
 * The first character that a YAML file must not hold (YAML 1.2, 5.1 Character Set), or a line break that not every
 * parser takes for one. Written as an escape in a quoted text, control characters are fine.
 */
export function forbiddenCharacter(text: string): Problem | undefined {
  const offset = text.search(FORBIDDEN);
  if (offset === -1) return undefined;
  const code = 'yaml-character';
  if (text[offset] === '\r') {
    const hint = 'save the file with LF or CRLF at the ends of lines';
    return { code, offset, message: 'a carriage return without a line feed ends this line', hint };
  }
  const digits = (text.codePointAt(offset) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const hint = 'delete it; in a quoted text it can be written as an escape';
  return { code, offset, message: `the file holds the invisible character U+${digits}`, hint };
}

const FORBIDDEN =
  // oxlint-disable-next-line no-control-regex -- finding control characters is what this is for
  /\r(?!\n)|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufeff\ufffe\uffff]/;
