/**
 * Keeps JSON that was rendered for an object until the object changes. Most of what is listed has not changed since
 * the last list.
 */
export class TextCache<T extends object> {
  readonly #versionOf: (owner: T) => number;
  readonly #entries: number;
  readonly #longest: number;
  readonly #kept = new WeakMap<T, { readonly version: number; readonly texts: Map<string, string> }>();

  /**
   * @param versionOf changes whenever a text of the object would
   * @param entries how many texts are kept for one object
   * @param longest length of the longest text that is kept; without a limit, the texts of large projects would take
   *   as much memory as the projects
   */
  constructor(versionOf: (owner: T) => number, entries: number, longest: number) {
    this.#versionOf = versionOf;
    this.#entries = entries;
    this.#longest = longest;
  }

  /** The text that is kept under this name, or what `render` returns. */
  get(owner: T, name: string, render: () => string): string {
    const texts = this.#textsOf(owner);
    const found = texts.get(name);
    if (found !== undefined) return found;
    const text = render();
    if (text.length <= this.#longest) {
      if (texts.size >= this.#entries) texts.clear();
      texts.set(name, text);
    }
    return text;
  }

  #textsOf(owner: T): Map<string, string> {
    const version = this.#versionOf(owner);
    const kept = this.#kept.get(owner);
    if (kept?.version === version) return kept.texts;
    const texts = new Map<string, string>();
    this.#kept.set(owner, { version, texts });
    return texts;
  }
}
