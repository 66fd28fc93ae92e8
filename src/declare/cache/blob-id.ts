import { createHash } from 'node:crypto';

/** The hash that a repository computes its ids with. */
export type ObjectFormat = 'sha1' | 'sha256';

/** The ids that git may give to a file's content. */
export interface FileIds {
  /** Of the bytes as they are. */
  readonly id: string;
  /** With the line ends that git commits if it converts them; undefined if there are no others. */
  readonly withLf: string | undefined;
}

/** The id that git gives to a file's content: the hash of a header and the bytes ("Git Objects" in git's book). */
export function blobId(bytes: Uint8Array, format: ObjectFormat = 'sha1'): string {
  return createHash(format).update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/** The ids that a file may have in a commit, whether or not git converts its line ends. */
export function fileIds(bytes: Uint8Array, format: ObjectFormat = 'sha1'): FileIds {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const withLf = buffer.includes('\r\n')
    ? blobId(Buffer.from(buffer.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'), format)
    : undefined;
  return { id: blobId(bytes, format), withLf };
}
