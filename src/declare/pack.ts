import { createHash, randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

// A pack holds many entries in one file, which is written once and never changed. Its first line is a checksum of the
// second one and that one's length; the second line lists what follows: id, length and checksum of each entry in turn.

/** What is read at a time: entries that were written after one another are mostly read after one another. */
const CHUNK = 1024 * 1024;

const FIRST_LINE = /^(?<checksum>[0-9a-f]{64}) (?<length>\d{10})\n$/;
const FIRST_LINE_BYTES = 76;

/** One entry, and how to get at its bytes. */
export interface Entry {
  readonly id: string;
  readonly length: number;
  readonly checksum: string;
  /** The bytes; undefined where they cannot be read. Whether they are what was written is for `isIntact` to say. */
  readonly read: () => Buffer | undefined;
}

export interface Pack {
  readonly path: string;
  readonly bytes: number;
  /** When it was written, epoch milliseconds. */
  readonly written: number;
  /** In the order in which they were written. */
  readonly entries: readonly Entry[];
}

export const EXTENSION = '.pack';
const TEMPORARY = '.tmp';

export function checksumOf(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function isIntact(entry: Entry, bytes: Uint8Array): boolean {
  return checksumOf(bytes) === entry.checksum;
}

/**
 * Writes a pack beside the others in a folder that exists. Whoever reads there sees all of it or nothing.
 * @throws where an entry or the disk fails; then nothing is left behind
 */
export function writePack(folder: string, entries: readonly Entry[]): void {
  const index = JSON.stringify(entries.flatMap(({ id, length, checksum }) => [id, length, checksum]));
  const head = Buffer.from(`${checksumOf(index)} ${String(index.length).padStart(10, '0')}\n${index}`);
  const name = randomUUID();
  const temporary = join(folder, `${name}${TEMPORARY}`);
  try {
    const file = openSync(temporary, 'wx');
    try {
      let waiting: Uint8Array[] = [head];
      let size = head.length;
      const flush = (): void => {
        for (let rest: Uint8Array = Buffer.concat(waiting, size); rest.length > 0;)
          rest = rest.subarray(writeSync(file, rest));
        waiting = [];
        size = 0;
      };
      for (const entry of entries) {
        const bytes = entry.read();
        if (bytes?.length !== entry.length) throw new Error('the entry is gone');
        waiting.push(bytes);
        size += bytes.length;
        if (size >= CHUNK) flush();
      }
      flush();
    } finally {
      closeSync(file);
    }
    renameSync(temporary, join(folder, `${name}${EXTENSION}`));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Reads what a pack lists; undefined where it is gone, or was cut off or edited. */
export function openPack(path: string): Pack | undefined {
  try {
    const { size, mtimeMs } = statSync(path);
    const first = FIRST_LINE.exec(readAt(path, 0, FIRST_LINE_BYTES).toString('latin1'))?.groups;
    const indexLength = Number(first?.['length']);
    if (first === undefined || indexLength > size) return undefined;
    const index = readAt(path, FIRST_LINE_BYTES, indexLength);
    if (checksumOf(index) !== first['checksum']) return undefined;
    const listed = JSON.parse(index.toString('latin1')) as readonly (string | number)[];
    const window = new Window(path);
    const entries: Entry[] = [];
    let offset = FIRST_LINE_BYTES + indexLength;
    for (let at = 0; at < listed.length; at += 3) {
      const length = Number(listed[at + 1]);
      const start = offset;
      entries.push({
        id: String(listed[at]),
        length,
        checksum: String(listed[at + 2]),
        read: () => window.read(start, length),
      });
      offset += length;
    }
    return offset === size ? { path, bytes: size, written: mtimeMs, entries } : undefined;
  } catch {
    return undefined;
  }
}

/** The part of a file that was read last. */
class Window {
  readonly #path: string;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  read(start: number, length: number): Buffer | undefined {
    const isInside = start >= this.#start && start + length <= this.#start + this.#bytes.length;
    if (!isInside) {
      try {
        this.#bytes = readAt(this.#path, start, Math.max(CHUNK, length));
        this.#start = start;
      } catch {
        return undefined;
      }
    }
    const bytes = this.#bytes.subarray(start - this.#start, start - this.#start + length);
    return bytes.length === length ? bytes : undefined;
  }
}

/** The bytes from a place on; fewer where the file ends before. */
function readAt(path: string, start: number, length: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    for (let read = -1; read !== 0 && filled < length; filled += read)
      read = readSync(file, bytes, filled, length - filled, start + filled);
    return bytes.subarray(0, filled);
  } finally {
    closeSync(file);
  }
}
