import { settingKey } from '../../reconcile/setting.js';
import {
  type DeclaredSetting,
  type DeclaredState,
  type Setting,
  splitScopedKey,
} from '../../reconcile/state.js';

/** What one file declares for one override, by `scopedKey`. */
export interface KeyedSetting {
  readonly key: string;
  readonly setting: DeclaredSetting;
}

/** One file's declarations of tracked overrides. */
interface FileEntry {
  readonly settings: readonly KeyedSetting[];
  /** Whether the file parses. If not, the settings are those of the nearest newer commit at which it did. */
  readonly parses: boolean;
}

/** What one file declares for the override whose entry holds the claim. */
interface FileClaim {
  readonly path: string;
  readonly setting: DeclaredSetting;
  readonly parses: boolean;
}

/** One override: the files that declare it, and the setting that they were last resolved to. */
class OverrideEntry {
  resolved: Setting | undefined;
  /** Nearly every override is declared in one file; a map for each would take more memory than everything else. */
  #first: FileClaim | undefined;
  #others: Map<string, FileClaim> | undefined;

  get claims(): readonly FileClaim[] {
    if (this.#first === undefined) return [];
    return this.#others === undefined ? [this.#first] : [this.#first, ...this.#others.values()];
  }

  set(claim: FileClaim): void {
    if (this.#first === undefined || this.#first.path === claim.path) this.#first = claim;
    else (this.#others ??= new Map()).set(claim.path, claim);
  }

  /** Returns whether the file had a claim. */
  delete(path: string): boolean {
    if (this.#first?.path !== path) return this.#others?.delete(path) === true;
    const [next] = this.#others?.values() ?? [];
    if (next !== undefined) this.#others?.delete(next.path);
    this.#first = next;
    return true;
  }
}

/**
 * What the files of one commit declare for the tracked overrides, kept up to date file by file as a walk goes back.
 *
 * A commit can be ambiguous: a file does not parse, or two files disagree. A walk that took that for a change would
 * name the commit that broke a file as the origin of every override in it. An ambiguous override therefore keeps the
 * setting of the nearest newer commit, and gives no ownership while it is ambiguous.
 */
export class DeclarationIndex {
  /** The tracked keys, by scope key and then by override key. */
  readonly #tracked = new Map<string, Map<string, string>>();
  readonly #entries = new Map<string, OverrideEntry>();
  readonly #files = new Map<string, FileEntry>();

  /** @param keys the overrides to track, by `scopedKey` */
  constructor(keys: Iterable<string>) {
    for (const key of keys) {
      const [scope, override] = splitScopedKey(key);
      const overrides = this.#tracked.get(scope) ?? new Map<string, string>();
      this.#tracked.set(scope, overrides.set(override, key));
      this.#entries.set(key, new OverrideEntry());
    }
  }

  /** The settings of tracked overrides among everything that a file declares. */
  settingsIn(declared: DeclaredState): KeyedSetting[] {
    const settings: KeyedSetting[] = [];
    for (const [scope, overrides] of declared) {
      const tracked = this.#tracked.get(scope);
      if (tracked === undefined) continue;
      const fewer = tracked.size < overrides.size ? tracked : overrides;
      for (const override of fewer.keys()) {
        const key = tracked.get(override);
        const setting = overrides.get(override);
        if (key !== undefined && setting !== undefined) settings.push({ key, setting });
      }
    }
    return settings;
  }

  /**
   * Replaces what a file declares. Call `resolve` for the touched keys afterwards.
   *
   * @param settings undefined if the file does not parse: it keeps the settings of the nearest newer commit, which
   *   then give no ownership
   * @param touched receives the keys that the file declared before or declares now
   */
  replaceFile(path: string, settings: readonly KeyedSetting[] | undefined, touched: Set<string>): void {
    const before = this.#files.get(path);
    const after =
      settings === undefined ? before && { ...before, parses: false } : { settings, parses: true };
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

  /** Works out an override's setting after its files changed. If they disagree, it stays as it was. */
  resolve(key: string): Setting | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const { claims } = entry;
    if (agree(claims)) entry.resolved = claims[0]?.setting;
    return entry.resolved;
  }

  /**
   * The setting that gives ownership of an override: declared by a file that parses, with no file that disagrees about
   * it or about `manage`.
   */
  owned(key: string): DeclaredSetting | undefined {
    const claims = this.#entries.get(key)?.claims ?? [];
    return agree(claims, sameDeclaration) ? claims.find(({ parses }) => parses)?.setting : undefined;
  }

  /** The result of the last `resolve`. */
  resolved(key: string): Setting | undefined {
    return this.#entries.get(key)?.resolved;
  }

  /** Stops tracking an override. */
  forget(key: string): void {
    const [scope, override] = splitScopedKey(key);
    this.#tracked.get(scope)?.delete(override);
    this.#entries.delete(key);
  }

  /** The tracked overrides. */
  get keys(): Iterable<string> {
    return this.#entries.keys();
  }
}

function agree([first, ...others]: readonly FileClaim[], isSame = sameSetting): boolean {
  return first === undefined || others.every(({ setting }) => isSame(first.setting, setting));
}

/** Whether two files declare the same, and to be managed in the same way. */
export function sameDeclaration(a: DeclaredSetting | undefined, b: DeclaredSetting | undefined): boolean {
  return sameSetting(a, b) && a?.manage === b?.manage;
}

/** Whether two settings (undefined: not declared) are the same. */
export function sameSetting(a: Setting | undefined, b: Setting | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || settingKey(a) === settingKey(b);
}
