import { fstatSync } from 'node:fs';
import { reasonOf } from '../files/unsafe-path.js';
import { writeAll } from '../files/write-all.js';

/** What of a process is written to. */
export type StandardStreams = Pick<NodeJS.Process, 'stdout' | 'stderr'>;

/** What to do with a result if the program that reads it is gone, as in `flagops plan | head -1`. */
export interface ResultOptions {
  /** Shows it on standard error: it says what was done, and cannot be asked for again. Otherwise it is dropped. */
  readonly mustArrive?: boolean;
}

/** Standard output and standard error, for which a full disk or a closed pipe is no reason to stop. */
export interface Streams {
  /** What cannot be written here goes to standard error. */
  readonly stdout: (text: string, options?: ResultOptions) => void;
  readonly stderr: (text: string) => void;
  /** Resolves when everything was written, or cannot be. */
  readonly settle: () => Promise<void>;
}

/** Takes over the output of a process. From here on an error of its streams ends nothing. */
export function openStreams({ stdout, stderr }: StandardStreams): Streams {
  const out = openStream(stdout);
  const err = openStream(stderr);
  let isReported = false;
  return {
    stdout: (text, { mustArrive = false } = {}) =>
      out.write(text, (error) => {
        if (isClosed(error) && !mustArrive) return;
        if (!isReported) err.write(lost(error));
        isReported = true;
        err.write(text);
      }),
    stderr: (text) => err.write(text),
    settle: async () => {
      await out.settle();
      await err.settle();
    },
  };
}

function lost(error: unknown): string {
  return `error: cannot write to standard output: ${reasonOf(error)} (what was meant for it follows)\n`;
}

function isClosed(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED';
}

interface Stream {
  /** Calls `onLost`, now or later, if not all of the text could be written. */
  readonly write: (text: string, onLost?: (error: unknown) => void) => void;
  readonly settle: () => Promise<void>;
}

function openStream(stream: NodeJS.WriteStream & { readonly fd: number }): Stream {
  // Each write learns of its own error; without a listener the first one would end the process.
  stream.on('error', () => undefined);
  if (isFile(stream)) {
    return {
      write: (text, onLost) => {
        try {
          // Node takes a file for written when a part of the text was, as on a disk that fills up.
          writeAll(stream.fd, text);
        } catch (error) {
          onLost?.(error);
        }
      },
      settle: async () => undefined,
    };
  }
  let last = Promise.resolve();
  return {
    write: (text, onLost) => {
      last = new Promise((resolve) => {
        stream.write(text, (error) => {
          if (error !== null && error !== undefined) onLost?.(error);
          resolve();
        });
      });
    },
    // What is written to a stream is done in order.
    settle: () => last,
  };
}

/** Whether it is a file or a device, and neither a pipe nor a terminal, which Node writes to as it should. */
function isFile({ fd, isTTY }: { readonly fd: number; readonly isTTY: boolean }): boolean {
  try {
    const stats = fstatSync(fd);
    return !isTTY && (stats.isFile() || stats.isCharacterDevice() || stats.isBlockDevice());
  } catch {
    return false;
  }
}
