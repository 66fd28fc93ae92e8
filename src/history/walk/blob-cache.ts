import type { DeclarationGlobs } from '../../config/globs.js';
import type { DeclaredState } from '../../reconcile/state.js';
import type { BlobReader } from '../git/blob-reader.js';
import type { HistoryFormat } from './format.js';

/** How many overrides are remembered at most: some hundred megabytes in the worst case. */
const MOST_OVERRIDES = 500_000;

interface Cached {
  readonly declared: DeclaredState | undefined;
  readonly weight: number;
  /** Whether it was used since it was last looked at for being thrown away. */
  used: boolean;
}

/**
 * Blobs as declarations and configurations. Each is read and parsed once, as long as memory allows; what the format
 * recalls of earlier runs is neither.
 */
export class BlobCache {
  readonly #reader: BlobReader;
  readonly #format: HistoryFormat;
  readonly #most: number;
  /** The next to be thrown away first, unless it was used. */
  readonly #declared = new Map<string, Cached>();
  readonly #globs = new Map<string, DeclarationGlobs | undefined>();
  #weight = 0;
  #parsed = 0;

  /** @param most overrides that are remembered */
  constructor(reader: BlobReader, format: HistoryFormat, most = MOST_OVERRIDES) {
    this.#reader = reader;
    this.#format = format;
    this.#most = most;
  }

  /** How many declaration blobs have been parsed. */
  get parsed(): number {
    return this.#parsed;
  }

  /** What a blob that is remembered declares; undefined where it has to be asked for, or does not parse. */
  known(blob: string): DeclaredState | undefined {
    const known = this.#declared.get(blob);
    if (known !== undefined) known.used = true;
    return known?.declared;
  }

  /** What a blob declares; undefined where it does not parse. */
  async declarations(blob: string, path: string): Promise<DeclaredState | undefined> {
    if (this.#declared.has(blob)) return this.known(blob);
    const recalled = this.#format.recall?.(blob);
    const declared = recalled === undefined ? await this.#parse(blob, path) : recalled.declared;
    this.#remember(blob, declared);
    return declared;
  }

  async #parse(blob: string, path: string): Promise<DeclaredState | undefined> {
    const bytes = await this.#reader.read(blob);
    this.#parsed += 1;
    return bytes && this.#format.declarations(bytes, path, blob);
  }

  /** The globs of a configuration (undefined: there is none); undefined where it does not parse. */
  async globs(blob: string | undefined): Promise<DeclarationGlobs | undefined> {
    const key = blob ?? '';
    if (!this.#globs.has(key)) {
      const bytes = blob === undefined ? undefined : await this.#reader.read(blob);
      const tooLarge = blob !== undefined && bytes === undefined;
      this.#globs.set(key, tooLarge ? undefined : await this.#format.globs(bytes));
    }
    return this.#globs.get(key);
  }

  /** The text of a symbolic link, one character a byte. */
  async link(blob: string): Promise<string> {
    return (await this.#reader.read(blob))?.toString('latin1') ?? '/';
  }

  #remember(blob: string, declared: DeclaredState | undefined): void {
    let weight = 1;
    for (const overrides of declared?.values() ?? []) weight += overrides.size;
    this.#declared.set(blob, { declared, weight, used: false });
    this.#weight += weight;
    for (const [oldest, cached] of this.#declared) {
      if (this.#weight <= this.#most) return;
      if (oldest === blob) continue;
      this.#declared.delete(oldest);
      // What was used comes round once more, at the end.
      if (cached.used) this.#declared.set(oldest, { ...cached, used: false });
      else this.#weight -= cached.weight;
    }
  }
}
