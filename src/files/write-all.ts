import { writeSync } from 'node:fs';
import { codeOf } from './unsafe-path.js';

/** Milliseconds between two attempts to write to a pipe that is full. */
const PAUSE = 5;

/**
 * Writes everything to an open file. A disk that fills up accepts a part first and reports the error only for the
 * rest, so one call to the system is not enough. Blocks while a pipe is full.
 * @throws what the system reports; a part may have been written then
 */
export function writeAll(fd: number, content: string | Uint8Array): void {
  let rest = typeof content === 'string' ? Buffer.from(content) : content;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  }
}
