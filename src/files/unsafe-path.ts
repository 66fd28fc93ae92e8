/** flagops refuses to write to a path, although the system might allow it. The message says why. */
export class UnsafePath extends Error {
  override readonly name = 'UnsafePath';
}

/** Why a file cannot be written or read: a sentence if flagops refused, otherwise the system's code, such as `ENOSPC`. */
export function reasonOf(error: unknown): string {
  if (error instanceof UnsafePath) return error.message;
  return codeOf(error) ?? String(error);
}

/** The code of a system error, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
