import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats, writeSync } from 'node:fs';
import { codeOf, UnsafePath } from './unsafe-path.js';
import { writeAll } from './write-all.js';

/** Where text goes that a user wants in a file. */
export interface Sink {
  /** Writes the text behind what was added before. Throws what the system reports. */
  readonly add: (text: string) => void;
  readonly close: () => void;
}

const STANDARD: Readonly<Record<string, number>> = { '/dev/stdout': 1, '/dev/stderr': 2 };
const BY_NUMBER = /^(?:\/dev\/fd|\/proc\/self\/fd)\/(?<number>\d{1,9})$/;

/**
 * Opens what a path names as one of this process's open files; undefined for every other path. `/dev/stdout`, and
 * `/dev/fd/63` of a shell's `>(...)`, are links, but their names alone say which file is meant: no link is followed.
 * @param path absolute
 * @throws what the system reports if the file is not open for writing
 */
export function openDescriptor(path: string): Sink | undefined {
  const number = STANDARD[path] ?? BY_NUMBER.exec(path)?.groups?.['number'];
  if (number === undefined) return undefined;
  const fd = Number(number);
  // Writing nothing fails if it is not open, or is open for reading only.
  writeSync(fd, new Uint8Array());
  // It is not ours to close.
  return { add: (text) => writeAll(fd, text), close: () => undefined };
}

/**
 * Opens a device such as `/dev/null` or a named pipe, to write to it directly: there is nothing that a rename could
 * replace. Undefined if the path names a file or nothing.
 * @throws UnsafePath if it is a named pipe that has no reader, a socket or a disk; or what the system reports
 */
export function openDevice(path: string): Sink | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || stats.isFile() || stats.isDirectory()) return undefined;
  if (!isStream(stats)) throw new UnsafePath('it is neither a file nor a pipe');
  const fd = openStream(path);
  if (isStream(fstatSync(fd))) return { add: (text) => writeAll(fd, text), close: () => closeSync(fd) };
  closeSync(fd);
  throw new UnsafePath('it was exchanged meanwhile');
}

function openStream(path: string): number {
  const { O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
  try {
    // Without O_NONBLOCK, opening a pipe would wait for a reader, and nothing could interrupt that.
    return openSync(path, O_WRONLY | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === 'ENXIO') throw new UnsafePath('nothing reads from this pipe');
    throw error;
  }
}

function isStream(stats: Stats): boolean {
  return stats.isCharacterDevice() || stats.isFIFO();
}
