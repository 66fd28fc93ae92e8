import { LIMITS } from './limits.js';

/** Why bytes are not the text of a YAML file. */
export interface DecodeFault {
  readonly ok: false;
  readonly code: 'file-too-large' | 'not-text';
  readonly message: string;
  readonly hint: string;
}

/** Text, or why the bytes are not the text of a YAML file. */
export type Decoded = { readonly ok: true; readonly text: string } | DecodeFault;

/**
 * Checks the size of a file before it is read.
 * @returns undefined if the file is small enough
 */
export function sizeFault(bytes: number): DecodeFault | undefined {
  if (bytes <= LIMITS.bytes) return undefined;
  const message = `the file has ${bytes} bytes; the limit is ${LIMITS.bytes} (${LIMITS.bytes / 1024 / 1024} MiB)`;
  return { ok: false, code: 'file-too-large', message, hint: 'split it into several files' };
}

/** Decodes UTF-8 (RFC 3629), the only encoding that is accepted. */
export function decode(bytes: Uint8Array): Decoded {
  const fault = sizeFault(bytes.length);
  if (fault !== undefined) return fault;
  const binary = { ok: false, code: 'not-text', hint: 'save it as UTF-8, or narrow the globs' } as const;
  if (isUtf16(bytes)) return { ...binary, message: 'the file is UTF-16' };
  if (bytes.includes(0)) return { ...binary, message: 'the file is binary' };
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { ...binary, message: 'the file is not UTF-8' };
  }
}

/** Windows tools write a byte order mark. */
function isUtf16(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}
