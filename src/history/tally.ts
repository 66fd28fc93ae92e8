import { settingKey } from '../reconcile/setting.js';
import { type DeclaredState, type Setting } from '../reconcile/state.js';

/** What `questionKey` makes, from the two keys that a `DeclaredState` is made of. */
function joinKeys(scope: string, override: string): string {
  return `${scope}\n${override}`;
}

/** The scope key and the override key that were joined. The key of a scope cannot hold a line break. */
export function splitKeys(key: string): [scope: string, override: string] {
  const end = key.indexOf('\n');
  return [key.slice(0, end), key.slice(end + 1)];
}

/** What one file declares of one override. */
export interface Part {
  readonly key: string;
  readonly setting: Setting;
}

interface Held {
  readonly parts: readonly Part[];
  readonly owning: boolean;
}

/** One override: the files that declare it, and what it was in the nearest newer commit that told. */
interface Entry {
  readonly files: Map<string, { readonly setting: Setting; readonly owning: boolean }>;
  told: Setting | undefined;
}

/** What the files of a commit say together about the overrides that are asked for. */
export class Tally {
  /** Override keys by scope key. */
  readonly #tracked = new Map<string, Set<string>>();
  readonly #entries = new Map<string, Entry>();
  readonly #files = new Map<string, Held>();

  /** @param keys the overrides to count, by `questionKey` */
  constructor(keys: Iterable<string>) {
    for (const key of keys) {
      const [scope, override] = splitKeys(key);
      const overrides = this.#tracked.get(scope) ?? new Set();
      this.#tracked.set(scope, overrides.add(override));
      this.#entries.set(key, { files: new Map(), told: undefined });
    }
  }

  /** What a file contributes to the overrides that are asked for. */
  partsOf(declared: DeclaredState): Part[] {
    const parts: Part[] = [];
    for (const [scope, overrides] of declared) {
      const tracked = this.#tracked.get(scope);
      if (tracked === undefined) continue;
      const [fewer, has] = tracked.size < overrides.size ? [tracked, overrides] : [overrides, tracked];
      for (const override of fewer.keys()) {
        const setting = has.has(override) ? overrides.get(override) : undefined;
        if (setting !== undefined) parts.push({ key: joinKeys(scope, override), setting });
      }
    }
    return parts;
  }

  /**
   * Replaces what a file contributes.
   *
   * @param parts undefined where the file does not parse: it keeps what it had in the nearest newer commit, but
   *   that gives no ownership
   * @param touched gets the keys whose parts changed
   */
  replace(path: string, parts: readonly Part[] | undefined, touched: Set<string>): void {
    const before = this.#files.get(path);
    const after =
      parts === undefined ? before && { parts: before.parts, owning: false } : { parts, owning: true };
    for (const { key } of before?.parts ?? []) {
      if (this.#entries.get(key)?.files.delete(path) === true) touched.add(key);
    }
    this.#files.delete(path);
    if (after === undefined || after.parts.length === 0) return;
    this.#files.set(path, after);
    for (const { key, setting } of after.parts) {
      const entry = this.#entries.get(key);
      if (entry === undefined) continue;
      entry.files.set(path, { setting, owning: after.owning });
      touched.add(key);
    }
  }

  /**
   * Works out again what an override is after its files changed. Files that disagree tell nothing: then it is what
   * it was in the nearest newer commit.
   */
  settle(key: string): Setting | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const settings = [...entry.files.values()].map((file) => file.setting);
    if (agree(settings)) entry.told = settings[0];
    return entry.told;
  }

  /** What an override is declared to be, as far as it gives ownership: files that parse, and that agree. */
  owned(key: string): Setting | undefined {
    const files = [...(this.#entries.get(key)?.files.values() ?? [])];
    return agree(files.map((file) => file.setting)) ? files.find((file) => file.owning)?.setting : undefined;
  }

  /** What `settle` said last. */
  told(key: string): Setting | undefined {
    return this.#entries.get(key)?.told;
  }

  /** Stops counting an override. */
  forget(key: string): void {
    const [scope, override] = splitKeys(key);
    this.#tracked.get(scope)?.delete(override);
    this.#entries.delete(key);
  }

  get keys(): Iterable<string> {
    return this.#entries.keys();
  }
}

function agree(settings: readonly Setting[]): boolean {
  const [first, ...others] = settings;
  return first === undefined || others.every((other) => sameSetting(first, other));
}

/** Whether two settings (undefined: not declared) are the same. */
export function sameSetting(a: Setting | undefined, b: Setting | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || settingKey(a) === settingKey(b);
}
