/** A character that a context key can continue with. A dot or colon may also end a sentence. */
const KEY_CHARACTER = String.raw`[\p{L}\p{M}\p{N}_@+%/|-]`;

const CONTINUES_BEFORE = new RegExp(String.raw`${KEY_CHARACTER}[.:]?$`, 'u');
const CONTINUES_AFTER = new RegExp(String.raw`^[.:]?${KEY_CHARACTER}`, 'u');

/** How many UTF-16 units those patterns look at, at most. */
const NEIGHBOURS = 4;

/**
 * Whether a text names a context by its key. Only for texts that describe a change: a short key may also be a word of the
 * sentence.
 * @param text Markdown, in which punctuation may be escaped by backslashes
 */
export function namesContext(text: string, { key }: { readonly key: string }): boolean {
  const plain = text.replaceAll(/\\(?=\p{P})/gu, '');
  if (key === '') return false;
  for (let start = plain.indexOf(key); start >= 0; start = plain.indexOf(key, start + 1)) {
    const end = start + key.length;
    const before = plain.slice(Math.max(0, start - NEIGHBOURS), start);
    const after = plain.slice(end, end + NEIGHBOURS);
    if (!CONTINUES_BEFORE.test(before) && !CONTINUES_AFTER.test(after)) return true;
  }
  return false;
}
