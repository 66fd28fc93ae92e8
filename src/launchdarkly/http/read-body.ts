/** The part of a body that was read. */
export interface Body {
  readonly bytes: Buffer;
  /** Why the rest was not read; undefined if the body is complete. */
  readonly missing?: { readonly why: 'too-large' } | { readonly why: 'lost'; readonly cause: unknown };
}

/**
 * Reads a body up to a limit. Never throws: the caller decides what an incomplete body means.
 * @param maxBytes the limit
 */
export async function readBody(body: AsyncIterable<unknown>, maxBytes: number): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      if (!Buffer.isBuffer(chunk)) continue;
      if (size + chunk.length > maxBytes)
        return { bytes: Buffer.concat(chunks, size), missing: { why: 'too-large' } };
      size += chunk.length;
      chunks.push(chunk);
    }
  } catch (cause) {
    return { bytes: Buffer.concat(chunks, size), missing: { why: 'lost', cause } };
  }
  return { bytes: Buffer.concat(chunks, size) };
}
