import type { Problem } from './problem.js';

/**
 * The first character that YAML does not allow (YAML 1.2, 5.1 Character Set), or a carriage return without a line feed,
 * which not every parser treats as a line break. Control characters are allowed as escapes in a quoted text.
 */
export function forbiddenCharacter(text: string): Problem | undefined {
  const offset = text.search(FORBIDDEN);
  if (offset === -1) return undefined;
  const code = 'yaml-character';
  if (text[offset] === '\r') {
    const hint = 'save the file with LF or CRLF line endings';
    return { code, offset, message: 'this line ends with a carriage return without a line feed', hint };
  }
  const digits = (text.codePointAt(offset) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const hint = 'delete it, or write it as an escape in a quoted text';
  return { code, offset, message: `the file contains the invisible character U+${digits}`, hint };
}

const FORBIDDEN =
  // oxlint-disable-next-line no-control-regex -- finding control characters is what this is for
  /\r(?!\n)|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufeff\ufffe\uffff]/;
