/** As much of a body as was read. */
export interface Body {
  readonly bytes: Buffer;
  /** What kept the rest from being read; undefined if there is no rest. */
  readonly missing?: { readonly why: 'too-large' } | { readonly why: 'lost'; readonly cause: unknown };
}

/**
 * Reads a body up to a limit. Never throws: what an answer without its body means is for the caller to say.
 * @param most bytes
 */
export async function readBody(body: AsyncIterable<unknown>, most: number): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      if (!Buffer.isBuffer(chunk)) continue;
      if (size + chunk.length > most)
        return { bytes: Buffer.concat(chunks, size), missing: { why: 'too-large' } };
      size += chunk.length;
      chunks.push(chunk);
    }
  } catch (cause) {
    return { bytes: Buffer.concat(chunks, size), missing: { why: 'lost', cause } };
  }
  return { bytes: Buffer.concat(chunks, size) };
}
