import { settingKey } from '../../reconcile/setting.js';
import { type DeclaredState, type Setting, splitScopedKey } from '../../reconcile/state.js';

/** What one file declares of one override. */
export interface Part {
  readonly key: string;
  readonly setting: Setting;
}

interface Held {
  readonly parts: readonly Part[];
  readonly owning: boolean;
}

/** What one file says of one override. */
interface Saying {
  readonly path: string;
  readonly setting: Setting;
  readonly owning: boolean;
}

/** One override: the files that declare it, and what it was in the nearest newer commit that told. */
class Entry {
  told: Setting | undefined;
  /** Nearly every override stands in one file; a map for each would take more memory than all the rest. */
  #first: Saying | undefined;
  #others: Map<string, Saying> | undefined;

  /** What the files say that declare it. */
  get sayings(): readonly Saying[] {
    if (this.#first === undefined) return [];
    return this.#others === undefined ? [this.#first] : [this.#first, ...this.#others.values()];
  }

  set(saying: Saying): void {
    if (this.#first === undefined || this.#first.path === saying.path) this.#first = saying;
    else (this.#others ??= new Map()).set(saying.path, saying);
  }

  /** Tells whether the file had said anything. */
  delete(path: string): boolean {
    if (this.#first?.path !== path) return this.#others?.delete(path) === true;
    const [next] = this.#others?.values() ?? [];
    if (next !== undefined) this.#others?.delete(next.path);
    this.#first = next;
    return true;
  }
}

/** What the files of a commit say together about the overrides that are asked for. */
export class Tally {
  /** What was asked for, by scope key and then by override key. */
  readonly #tracked = new Map<string, Map<string, string>>();
  readonly #entries = new Map<string, Entry>();
  readonly #files = new Map<string, Held>();

  /** @param keys the overrides to count, by `scopedKey` */
  constructor(keys: Iterable<string>) {
    for (const key of keys) {
      const [scope, override] = splitScopedKey(key);
      const overrides = this.#tracked.get(scope) ?? new Map<string, string>();
      this.#tracked.set(scope, overrides.set(override, key));
      this.#entries.set(key, new Entry());
    }
  }

  /** What a file contributes to the overrides that are asked for. */
  partsOf(declared: DeclaredState): Part[] {
    const parts: Part[] = [];
    for (const [scope, overrides] of declared) {
      const tracked = this.#tracked.get(scope);
      if (tracked === undefined) continue;
      const fewer = tracked.size < overrides.size ? tracked : overrides;
      for (const override of fewer.keys()) {
        const key = tracked.get(override);
        const setting = overrides.get(override);
        if (key !== undefined && setting !== undefined) parts.push({ key, setting });
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
      if (this.#entries.get(key)?.delete(path) === true) touched.add(key);
    }
    this.#files.delete(path);
    if (after === undefined || after.parts.length === 0) return;
    this.#files.set(path, after);
    for (const { key, setting } of after.parts) {
      const entry = this.#entries.get(key);
      if (entry === undefined) continue;
      entry.set({ path, setting, owning: after.owning });
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
    const { sayings } = entry;
    if (agree(sayings)) entry.told = sayings[0]?.setting;
    return entry.told;
  }

  /** What an override is declared to be, as far as it gives ownership: files that parse, and that agree. */
  owned(key: string): Setting | undefined {
    const sayings = this.#entries.get(key)?.sayings ?? [];
    return agree(sayings) ? sayings.find(({ owning }) => owning)?.setting : undefined;
  }

  /** What `settle` said last. */
  told(key: string): Setting | undefined {
    return this.#entries.get(key)?.told;
  }

  /** Stops counting an override. */
  forget(key: string): void {
    const [scope, override] = splitScopedKey(key);
    this.#tracked.get(scope)?.delete(override);
    this.#entries.delete(key);
  }

  get keys(): Iterable<string> {
    return this.#entries.keys();
  }
}

function agree([first, ...others]: readonly Saying[]): boolean {
  return first === undefined || others.every(({ setting }) => sameSetting(first.setting, setting));
}

/** Whether two settings (undefined: not declared) are the same. */
export function sameSetting(a: Setting | undefined, b: Setting | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || settingKey(a) === settingKey(b);
}
