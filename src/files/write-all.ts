import { writeSync } from 'node:fs';
import { codeOf } from './unsafe-path.js';

/** Milliseconds between two attempts to write to a pipe that is full. */
const PAUSE = 5;

/**
 * Writes everything to an open file. One system call is not enough: a disk that fills up accepts a part, and reports the
 * error for the rest. Blocks while a pipe is full.
 * @throws a system error; a part may have been written
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
