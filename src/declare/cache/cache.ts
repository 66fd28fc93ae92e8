import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openStateFolder, type StateFolder } from '../../files/state-folder.js';
import { version } from '../../version.js';
import { ENCODING } from './encode.js';
import { checksumOf, type Entry, isIntact } from './pack-file.js';
import { addPack, openPacks, removeOtherVersions } from './pack-folder.js';

/** Parsed files from earlier runs, by the id that git gives to a file's content. Losing it costs only time. */
export interface ParsedCache {
  /** What was put there under an id, in this run or an earlier one, or undefined. */
  readonly get: (id: string) => string | undefined;
  readonly put: (id: string, encoded: string) => void;
  /** Writes down what this run put there, where it is worth a file. */
  readonly save: () => void;
}

/** Bytes that are held until they are written without being asked. */
const MOST_WAITING = 8 * 1024 * 1024;

/** Fewer bytes than this are parsed about as fast as they are found. */
const WORTH_WRITING = 8 * 1024;

/**
 * Opens the cache of a repository, under its git directory, where git does not look and nothing is checked in; its
 * worktrees share it. Another version of flagops, or of the encoding, has a folder of its own: what it wrote is
 * never trusted. Where flagops must not write, nothing is remembered.
 * @param root the folder that holds `.git`
 * @returns undefined outside git
 */
export function openCache(root: string): ParsedCache | undefined {
  if (!existsSync(join(root, '.git'))) return undefined;
  const versions = openStateFolder(root)?.child('parsed');
  return versions === undefined ? FORGETFUL : new PackedCache(versions);
}

const FORGETFUL: ParsedCache = { get: () => undefined, put: () => undefined, save: () => undefined };

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
    if (this.#waitingBytes < WORTH_WRITING) return;
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

/** Of entries with the same id the last one counts. */
function byId(entries: readonly Entry[]): Map<string, Entry> {
  return new Map(entries.map((entry) => [entry.id, entry]));
}
