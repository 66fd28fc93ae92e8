import { createHash, randomUUID } from 'node:crypto';
import { fstatSync, readSync } from 'node:fs';
import { TEMPORARY } from '../../files/draft.js';
import type { StateFolder } from '../../files/state-folder.js';

// A pack is one file with many entries. It is written once and never changed. The first line has the checksum and the
// length of the second line, which lists the id, length and checksum of each entry. The entries follow.

/** Bytes that are read at a time: entries are mostly read in the order in which they were written. */
const CHUNK = 1024 * 1024;

const FIRST_LINE = /^(?<checksum>[0-9a-f]{64}) (?<length>\d{10})\n$/;
const FIRST_LINE_BYTES = 76;

/** An entry of a pack. */
export interface Entry {
  readonly id: string;
  readonly length: number;
  readonly checksum: string;
  /** Reads the bytes; undefined if they cannot be read. Check them with `isIntact`. */
  readonly read: () => Buffer | undefined;
}

export interface Pack {
  readonly name: string;
  readonly bytes: number;
  /** When it was written, epoch milliseconds. */
  readonly written: number;
  /** In the order in which they were written. */
  readonly entries: readonly Entry[];
}

const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/;
const NAME = new RegExp(`^${UUID.source}\\.pack$`);

/** The name that earlier versions gave to a pack while they wrote it. */
const FORMER_TEMPORARY = new RegExp(`^${UUID.source}\\.tmp$`);

/** Whether a file name is that of a pack. */
export function isPackName(name: string): boolean {
  return NAME.test(name);
}

/** Whether a file name is one that flagops uses in this folder: that of a pack, or of one that is being written. */
export function isOwnName(name: string): boolean {
  return NAME.test(name) || TEMPORARY.test(name) || FORMER_TEMPORARY.test(name);
}

export function checksumOf(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function isIntact(entry: Entry, bytes: Uint8Array): boolean {
  return checksumOf(bytes) === entry.checksum;
}

/**
 * Writes a pack into a folder. Other processes see all of it or nothing.
 * @throws if an entry cannot be read or the disk fails; then nothing is left behind
 */
export function writePack(folder: StateFolder, entries: readonly Entry[]): void {
  folder.write(`${randomUUID()}.pack`, chunks(entries));
}

function* chunks(entries: readonly Entry[]): Generator<Uint8Array> {
  const index = JSON.stringify(entries.flatMap(({ id, length, checksum }) => [id, length, checksum]));
  const head = Buffer.from(`${checksumOf(index)} ${String(index.length).padStart(10, '0')}\n${index}`);
  let waiting: Uint8Array[] = [head];
  let size = head.length;
  for (const entry of entries) {
    const bytes = entry.read();
    if (bytes?.length !== entry.length) throw new Error('an entry can no longer be read');
    waiting.push(bytes);
    size += bytes.length;
    if (size < CHUNK) continue;
    yield Buffer.concat(waiting, size);
    waiting = [];
    size = 0;
  }
  yield Buffer.concat(waiting, size);
}

/** Reads the list of a pack's entries; undefined if the file is gone, truncated or edited. */
export function openPack(folder: StateFolder, name: string): Pack | undefined {
  try {
    const { size, mtimeMs, head, index } = folder.read(name, readIndex);
    const first = FIRST_LINE.exec(head)?.groups;
    if (first === undefined || checksumOf(index) !== first['checksum']) return undefined;
    const listed = JSON.parse(index.toString('latin1')) as readonly (string | number)[];
    const window = new Window(folder, name);
    const entries: Entry[] = [];
    let offset = FIRST_LINE_BYTES + index.length;
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
    return offset === size ? { name, bytes: size, written: mtimeMs, entries } : undefined;
  } catch {
    return undefined;
  }
}

/** The first two lines of an open pack. */
function readIndex(fd: number): { size: number; mtimeMs: number; head: string; index: Buffer } {
  const { size, mtimeMs } = fstatSync(fd);
  const head = readAt(fd, 0, FIRST_LINE_BYTES).toString('latin1');
  const length = Number(FIRST_LINE.exec(head)?.groups?.['length'] ?? 0);
  return { size, mtimeMs, head, index: readAt(fd, FIRST_LINE_BYTES, Math.min(length, size)) };
}

/** Caches the part of a file that was read last. */
class Window {
  readonly #folder: StateFolder;
  readonly #name: string;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(folder: StateFolder, name: string) {
    this.#folder = folder;
    this.#name = name;
  }

  read(start: number, length: number): Buffer | undefined {
    const isInside = start >= this.#start && start + length <= this.#start + this.#bytes.length;
    if (!isInside) {
      try {
        this.#bytes = this.#folder.read(this.#name, (fd) => readAt(fd, start, Math.max(CHUNK, length)));
        this.#start = start;
      } catch {
        return undefined;
      }
    }
    const bytes = this.#bytes.subarray(start - this.#start, start - this.#start + length);
    return bytes.length === length ? bytes : undefined;
  }
}

/** The bytes from an offset on; fewer if the file ends earlier. */
function readAt(fd: number, start: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  for (let read = -1; read !== 0 && filled < length; filled += read)
    read = readSync(fd, bytes, filled, length - filled, start + filled);
  return bytes.subarray(0, filled);
}
