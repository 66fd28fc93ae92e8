import { settingKey } from '../../reconcile/setting.js';
import { type DeclaredState, type Setting, splitScopedKey } from '../../reconcile/state.js';

/** What one file declares of one override. */
export interface KeyedSetting {
  readonly key: string;
  readonly setting: Setting;
}

interface FileEntry {
  readonly settings: readonly KeyedSetting[];
  readonly parses: boolean;
}

/** What one file says of one override. */
interface FileClaim {
  readonly path: string;
  readonly setting: Setting;
  readonly parses: boolean;
}

/** One override: the files that declare it, and what it was in the nearest newer commit that told. */
class OverrideEntry {
  resolved: Setting | undefined;
  /** Nearly every override stands in one file; a map for each would take more memory than all the rest. */
  #first: FileClaim | undefined;
  #others: Map<string, FileClaim> | undefined;

  /** What the files say that declare it. */
  get claims(): readonly FileClaim[] {
    if (this.#first === undefined) return [];
    return this.#others === undefined ? [this.#first] : [this.#first, ...this.#others.values()];
  }

  set(saying: FileClaim): void {
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
export class DeclarationIndex {
  /** What was asked for, by scope key and then by override key. */
  readonly #tracked = new Map<string, Map<string, string>>();
  readonly #entries = new Map<string, OverrideEntry>();
  readonly #files = new Map<string, FileEntry>();

  /** @param keys the overrides to count, by `scopedKey` */
  constructor(keys: Iterable<string>) {
    for (const key of keys) {
      const [scope, override] = splitScopedKey(key);
      const overrides = this.#tracked.get(scope) ?? new Map<string, string>();
      this.#tracked.set(scope, overrides.set(override, key));
      this.#entries.set(key, new OverrideEntry());
    }
  }

  /** What a file contributes to the overrides that are asked for. */
  settingsIn(declared: DeclaredState): KeyedSetting[] {
    const parts: KeyedSetting[] = [];
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
  replaceFile(path: string, parts: readonly KeyedSetting[] | undefined, touched: Set<string>): void {
    const before = this.#files.get(path);
    const after =
      parts === undefined ? before && { settings: before.settings, parses: false } : { settings: parts, parses: true };
    for (const { key } of before?.settings ?? []) {
      if (this.#entries.get(key)?.delete(path) === true) touched.add(key);
    }
    this.#files.delete(path);
    if (after === undefined || after.settings.length === 0) return;
    this.#files.set(path, after);
    for (const { key, setting } of after.settings) {
      const entry = this.#entries.get(key);
      if (entry === undefined) continue;
      entry.set({ path, setting, parses: after.parses });
      touched.add(key);
    }
  }

  /**
   * Works out again what an override is after its files changed. Files that disagree tell nothing: then it is what
   * it was in the nearest newer commit.
   */
  resolve(key: string): Setting | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const { claims } = entry;
    if (agree(claims)) entry.resolved = claims[0]?.setting;
    return entry.resolved;
  }

  /** What an override is declared to be, as far as it gives ownership: files that parse, and that agree. */
  owned(key: string): Setting | undefined {
    const sayings = this.#entries.get(key)?.claims ?? [];
    return agree(sayings) ? sayings.find(({ parses }) => parses)?.setting : undefined;
  }

  /** What `settle` said last. */
  resolved(key: string): Setting | undefined {
    return this.#entries.get(key)?.resolved;
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

function agree([first, ...others]: readonly FileClaim[]): boolean {
  return first === undefined || others.every(({ setting }) => sameSetting(first.setting, setting));
}

/** Whether two settings (undefined: not declared) are the same. */
export function sameSetting(a: Setting | undefined, b: Setting | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || settingKey(a) === settingKey(b);
}
