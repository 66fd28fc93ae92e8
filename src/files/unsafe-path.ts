/** A path that flagops does not write to, although the system might. The message says why, and begins with the path. */
export class UnsafePath extends Error {
  override readonly name = 'UnsafePath';
}

/** Why a file cannot be written or read: in words if we refused, otherwise the system's code, such as `ENOSPC`. */
export function reasonOf(error: unknown): string {
  if (error instanceof UnsafePath) return error.message;
  return codeOf(error) ?? String(error);
}

/** The system's code for an error, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
