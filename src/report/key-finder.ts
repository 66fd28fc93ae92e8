/** Length of the index's prefixes. Longer ones make the index larger, but searches no faster. */
const PREFIX = 3;

const WORD = /[\p{L}\p{N}]/u;

/** Replaces many keys in a text, in a time that hardly depends on their number. */
export class KeyFinder {
  readonly #replacements = new Map<string, string>();
  /** Lengths of the keys that start with a prefix, longest first. */
  readonly #lengths = new Map<string, number[]>();

  add(key: string, replacement: string): void {
    if (key === '' || this.#replacements.has(key)) return;
    this.#replacements.set(key, replacement);
    const prefix = key.slice(0, PREFIX);
    const lengths = this.#lengths.get(prefix) ?? [];
    if (!lengths.includes(key.length)) {
      lengths.push(key.length);
      lengths.sort((a, b) => b - a);
    }
    this.#lengths.set(prefix, lengths);
  }

  /** The replacement for a text that is exactly a key. */
  replacementOf(key: string): string | undefined {
    return this.#replacements.get(key);
  }

  /** The text with every key that is a whole word replaced; of several keys at one place, the longest. */
  replace(text: string): string {
    if (this.#replacements.size === 0) return text;
    let result = '';
    let copied = 0;
    for (let at = 0; at < text.length;) {
      const length = this.#lengthAt(text, at);
      if (length === 0) {
        at += 1;
        continue;
      }
      result += text.slice(copied, at) + (this.#replacements.get(text.slice(at, at + length)) ?? '');
      at += length;
      copied = at;
    }
    return result + text.slice(copied);
  }

  #lengthAt(text: string, at: number): number {
    for (let size = PREFIX; size > 0; size -= 1) {
      for (const length of this.#lengths.get(text.slice(at, at + size)) ?? []) {
        // Only a key that is shorter than PREFIX has a shorter prefix: itself.
        if (size < PREFIX && length !== size) continue;
        const key = text.slice(at, at + length);
        if (this.#replacements.has(key) && isWholeWord(text, at, key)) return length;
      }
    }
    return 0;
  }
}

/** Whether a key is not part of a longer word. One or two letters or a short number must be in quotes to count as a key. */
function isWholeWord(text: string, at: number, key: string): boolean {
  const before = text[at - 1] ?? '';
  const after = text[at + key.length] ?? '';
  if (key.length < 3 || /^\d{1,5}$/.test(key)) return before === '"' && after === '"';
  const joinsBefore = WORD.test(before) && WORD.test(key[0] ?? '');
  const joinsAfter = WORD.test(after) && WORD.test(key.at(-1) ?? '');
  return !joinsBefore && !joinsAfter;
}
