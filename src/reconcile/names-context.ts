/** A character that a context key can continue with. A dot, colon or comma may also end a sentence. */
const KEY_CHARACTER = String.raw`[\p{L}\p{M}\p{N}_@+%/|-]`;

/**
 * Whether a text names a context by its key. Only for texts that describe a change: a short key may also be a word of the
 * sentence.
 * @param text Markdown, in which punctuation may be escaped by backslashes
 */
export function namesContext(text: string, { key }: { readonly key: string }): boolean {
  const escaped = key.replaceAll(/[$()*+./?[\\\]^{|}-]/g, String.raw`\$&`);
  const before = String.raw`(?<!${KEY_CHARACTER}|${KEY_CHARACTER}[.:])`;
  const after = String.raw`(?![.:]?${KEY_CHARACTER})`;
  return new RegExp(before + escaped + after, 'u').test(text.replaceAll(/\\(?=\p{P})/gu, ''));
}
