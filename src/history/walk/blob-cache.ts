import type { DeclarationGlobs } from '../../config/globs.js';
import type { DeclaredState } from '../../reconcile/state.js';
import type { ObjectReader } from '../git/object-reader.js';

/** How to read files in history. The walk knows commits and blobs, but not YAML. */
export interface HistoryFormat {
  /**
   * What one file declares; undefined if it does not parse.
   *
   * @param bytes decide the result
   * @param path for messages only
   * @param blob the id of the blob, to cache the result by
   */
  readonly declarations: (
    bytes: Uint8Array,
    path: string,
    blob: string,
  ) => DeclaredState | undefined | Promise<DeclaredState | undefined>;
  /** The result of reading a blob that is already known, without its bytes; undefined if it is not known. */
  readonly recall?: (blob: string) => { readonly declared: DeclaredState | undefined } | undefined;
  /**
   * Which files are declarations; undefined if the configuration does not parse.
   *
   * @param config undefined if the commit has none
   */
  readonly globs: (
    config: Uint8Array | undefined,
  ) => DeclarationGlobs | undefined | Promise<DeclarationGlobs | undefined>;
  /** The configuration's path relative to the root, with `/`. */
  readonly configPath: string;
}

/** How many overrides are cached at most: a few hundred megabytes in the worst case. */
const MAX_OVERRIDES = 500_000;

interface Cached {
  readonly declared: DeclaredState | undefined;
  readonly weight: number;
  /** Whether it was used since it was last considered for eviction. */
  used: boolean;
}

/**
 * Blobs as declarations and configurations. Each blob is read and parsed once, as long as memory allows; a blob that
 * the format recalls is neither read nor parsed. Entries that were not used recently are evicted first.
 */
export class BlobCache {
  readonly #reader: ObjectReader;
  readonly #format: HistoryFormat;
  readonly #max: number;
  /** In the order in which entries are considered for eviction. */
  readonly #declared = new Map<string, Cached>();
  readonly #globs = new Map<string, DeclarationGlobs | undefined>();
  #weight = 0;
  #parsed = 0;

  /** @param max how many overrides to cache */
  constructor(reader: ObjectReader, format: HistoryFormat, max = MAX_OVERRIDES) {
    this.#reader = reader;
    this.#format = format;
    this.#max = max;
  }

  /** How many declaration blobs have been parsed. */
  get parsed(): number {
    return this.#parsed;
  }

  /** What a cached blob declares; undefined if it is not cached, or does not parse. */
  known(blob: string): DeclaredState | undefined {
    const known = this.#declared.get(blob);
    if (known !== undefined) known.used = true;
    return known?.declared;
  }

  /** What a blob declares; undefined if it does not parse. */
  async declarations(blob: string, path: string): Promise<DeclaredState | undefined> {
    if (this.#declared.has(blob)) return this.known(blob);
    const recalled = this.#format.recall?.(blob);
    const declared = recalled === undefined ? await this.#parse(blob, path) : recalled.declared;
    this.#remember(blob, declared);
    return declared;
  }

  async #parse(blob: string, path: string): Promise<DeclaredState | undefined> {
    const bytes = await this.#reader.blob(blob);
    this.#parsed += 1;
    return bytes && this.#format.declarations(bytes, path, blob);
  }

  /** The globs of a configuration (undefined: the commit has none); undefined if it does not parse. */
  async globs(blob: string | undefined): Promise<DeclarationGlobs | undefined> {
    const key = blob ?? '';
    if (!this.#globs.has(key)) {
      const bytes = blob === undefined ? undefined : await this.#reader.blob(blob);
      const tooLarge = blob !== undefined && bytes === undefined;
      this.#globs.set(key, tooLarge ? undefined : await this.#format.globs(bytes));
    }
    return this.#globs.get(key);
  }

  /** The target of a symbolic link, with one character for each byte. */
  async link(blob: string): Promise<string> {
    return (await this.#reader.blob(blob))?.toString('latin1') ?? '/';
  }

  #remember(blob: string, declared: DeclaredState | undefined): void {
    let weight = 1;
    for (const overrides of declared?.values() ?? []) weight += overrides.size;
    this.#declared.set(blob, { declared, weight, used: false });
    this.#weight += weight;
    for (const [oldest, cached] of this.#declared) {
      if (this.#weight <= this.#max) return;
      if (oldest === blob) continue;
      this.#declared.delete(oldest);
      // An entry that was used moves to the end and gets a second chance.
      if (cached.used) this.#declared.set(oldest, { ...cached, used: false });
      else this.#weight -= cached.weight;
    }
  }
}
