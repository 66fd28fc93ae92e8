import { createHash } from 'node:crypto';

/** The id that git gives to a file's content: the SHA-1 of a header and the bytes ("Git Objects" in git's book). */
export function blobId(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
