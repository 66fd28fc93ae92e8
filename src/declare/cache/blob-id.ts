import { createHash } from 'node:crypto';

/** The hash function of a repository's object ids. */
export type ObjectFormat = 'sha1' | 'sha256';

/** The ids that git may give to a file's content. */
export interface FileIds {
  /** The id of the unchanged bytes. */
  readonly id: string;
  /** The id with CRLF converted to LF, as git may commit it; undefined if there is no CRLF. */
  readonly withLf: string | undefined;
}

/** Git's id of a file's content: the hash of a header and the bytes ("Git Objects" in the Pro Git book). */
export function blobId(bytes: Uint8Array, format: ObjectFormat = 'sha1'): string {
  return createHash(format).update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/** The ids that a file may have in a commit, whether or not git converts its line endings. */
export function fileIds(bytes: Uint8Array, format: ObjectFormat = 'sha1'): FileIds {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const withLf = buffer.includes('\r\n')
    ? blobId(Buffer.from(buffer.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'), format)
    : undefined;
  return { id: blobId(bytes, format), withLf };
}
