import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats, writeSync } from 'node:fs';
import { codeOf, UnsafePath } from './unsafe-path.js';
import { writeAll } from './write-all.js';

/** An open output file. */
export interface Sink {
  /** Appends text. Throws system errors. */
  readonly add: (text: string) => void;
  readonly close: () => void;
}

const STANDARD: Readonly<Record<string, number>> = { '/dev/stdout': 1, '/dev/stderr': 2 };
const BY_NUMBER = /^(?:\/dev\/fd|\/proc\/self\/fd)\/(?<number>\d{1,9})$/;

/**
 * Opens one of this process's file descriptors by its path, such as `/dev/stdout`, or `/dev/fd/63` from a shell's
 * `>(...)`. These paths are links, but the number is taken from the name: no link is followed.
 * @param path absolute
 * @returns undefined for all other paths
 * @throws a system error if the descriptor is not open for writing
 */
export function openDescriptor(path: string): Sink | undefined {
  const number = STANDARD[path] ?? BY_NUMBER.exec(path)?.groups?.['number'];
  if (number === undefined) return undefined;
  const fd = Number(number);
  // An empty write fails if the descriptor is not open for writing.
  writeSync(fd, new Uint8Array());
  // The descriptor belongs to the process, so it is not closed here.
  return { add: (text) => writeAll(fd, text), close: () => undefined };
}

/**
 * Opens a device such as `/dev/null`, or a named pipe, to write to it directly: it must not be replaced by a rename.
 * @returns undefined if the path is a file, a folder or does not exist
 * @throws UnsafePath for a named pipe without a reader, a socket or a disk; or a system error
 */
export function openDevice(path: string): Sink | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || stats.isFile() || stats.isDirectory()) return undefined;
  if (!isStream(stats)) throw new UnsafePath('it is neither a file nor a pipe');
  const fd = openStream(path);
  if (isStream(fstatSync(fd))) return { add: (text) => writeAll(fd, text), close: () => closeSync(fd) };
  closeSync(fd);
  throw new UnsafePath('it was replaced in the meantime');
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
