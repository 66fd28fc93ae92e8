import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openStateFolder, type StateFolder } from '../../files/state-folder.js';
import { version } from '../../version.js';
import { ENCODING } from './encode.js';
import { checksumOf, type Entry, isIntact } from './pack-file.js';
import { addPack, openPacks, removeOtherVersions } from './pack-folder.js';

/** Parsed files from earlier runs, by git's blob id. Losing them costs only time. */
export interface ParsedCache {
  /** What this run or an earlier one stored for an id, or undefined. */
  readonly get: (id: string) => string | undefined;
  readonly put: (id: string, encoded: string) => void;
  /** Writes what this run stored to disk. Even for a few bytes: loading the parser takes longer than reading a file. */
  readonly save: () => void;
}

/** Bytes in memory that trigger a write before `save` is called. */
const MOST_WAITING = 8 * 1024 * 1024;

/**
 * Opens the cache of a repository. It is below the git directory, so it is never checked in, and worktrees share it.
 * Each version of flagops and of the encoding has a separate folder, since it cannot trust what another one wrote. If
 * flagops must not write there, nothing is stored.
 * @param root the folder that holds `.git`
 * @returns undefined outside git
 */
export function openCache(root: string): ParsedCache | undefined {
  if (!existsSync(join(root, '.git'))) return undefined;
  const versions = openStateFolder(root)?.child('parsed');
  return versions === undefined ? NO_CACHE : new PackedCache(versions);
}

const NO_CACHE: ParsedCache = { get: () => undefined, put: () => undefined, save: () => undefined };

const CURRENT = `${version}-${ENCODING}`;

class PackedCache implements ParsedCache {
  readonly #versions: StateFolder;
  readonly #folder: StateFolder;
  #stored: Map<string, Entry> | undefined;
  #waiting = new Map<string, Buffer>();
  #waitingBytes = 0;
  readonly #used = new Set<string>();
  #isWritable = true;

  constructor(versions: StateFolder) {
    this.#versions = versions;
    this.#folder = versions.child(CURRENT);
  }

  readonly get = (id: string): string | undefined => {
    this.#stored ??= byId(openPacks(this.#folder).flatMap(({ entries }) => entries));
    const bytes = this.#waiting.get(id) ?? this.#read(this.#stored, id);
    if (bytes !== undefined) this.#used.add(id);
    return bytes?.toString('utf8');
  };

  readonly put = (id: string, encoded: string): void => {
    if (!this.#isWritable) return;
    const bytes = Buffer.from(encoded, 'utf8');
    this.#used.add(id);
    this.#waiting.set(id, bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= MOST_WAITING) this.save();
  };

  readonly save = (): void => {
    if (this.#waitingBytes === 0) return;
    const entries = [...this.#waiting].map(([id, bytes]) => ({
      id,
      length: bytes.length,
      checksum: checksumOf(bytes),
      read: () => bytes,
    }));
    this.#waiting = new Map();
    this.#waitingBytes = 0;
    try {
      this.#stored = byId(addPack(this.#folder, entries, this.#used).flatMap((pack) => pack.entries));
      removeOtherVersions(this.#versions, CURRENT);
    } catch {
      // A full disk or a read-only checkout: the work is done again next time.
      this.#isWritable = false;
    }
  };

  #read(stored: Map<string, Entry>, id: string): Buffer | undefined {
    const entry = stored.get(id);
    const bytes = entry?.read();
    return entry !== undefined && bytes !== undefined && isIntact(entry, bytes) ? bytes : undefined;
  }
}

/** If several entries have the same id, the last one counts. */
function byId(entries: readonly Entry[]): Map<string, Entry> {
  return new Map(entries.map((entry) => [entry.id, entry]));
}
