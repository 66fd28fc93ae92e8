import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from '../../diagnostics/operator-error.js';
import { decode } from '../../yaml/decode.js';
import { SourceText } from '../../yaml/source.js';

/** A file as it is on disk. */
export interface FileText {
  readonly source: SourceText;
  readonly bytes: Uint8Array;
  /** The byte order mark, or nothing. */
  readonly mark: string;
}

/**
 * Reads a declaration that was found to be valid.
 * @throws OperatorError `file-changed` if it can no longer be read as text
 */
export function readText(root: string, path: string): FileText {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(join(root, path));
  } catch (cause) {
    throw changed(path, cause);
  }
  const decoded = decode(bytes);
  if (!decoded.ok) throw changed(path);
  const [first, second, third] = bytes;
  const mark = first === 0xef && second === 0xbb && third === 0xbf ? '\uFEFF' : '';
  return { source: new SourceText(path, decoded.text), bytes, mark };
}

function changed(path: string, cause?: unknown): OperatorError {
  return new OperatorError('edit-unwritable', `${path} was changed while flagops read it`, {
    hint: 'run the command again',
    cause,
  });
}
