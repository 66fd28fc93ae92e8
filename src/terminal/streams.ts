import { fstatSync } from 'node:fs';
import { reasonOf } from '../files/unsafe-path.js';
import { writeAll } from '../files/write-all.js';

/** The part of a process that output goes to. */
export type StandardStreams = Pick<NodeJS.Process, 'stdout' | 'stderr'>;

/** What to do with a result if the program that reads it has exited, as in `flagops plan | head -1`. */
export interface ResultOptions {
  /**
   * Writes it to standard error instead, for results that cannot be produced again, such as the report of an apply. By
   * default it is dropped.
   */
  readonly mustArrive?: boolean;
}

/** Standard output and standard error. A full disk or a closed pipe does not stop the program. */
export interface Streams {
  /** Text that cannot be written goes to standard error. */
  readonly stdout: (text: string, options?: ResultOptions) => void;
  readonly stderr: (text: string) => void;
  /** Resolves when all text was written or has failed. */
  readonly settle: () => Promise<void>;
}

/** Takes over the output streams of a process. From then on an error on them does not end the process. */
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
  return `error: cannot write to standard output: ${reasonOf(error)} (its text follows here)\n`;
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
  // The callback of each write receives its error; without a listener the first error would end the process.
  stream.on('error', () => undefined);
  if (isFile(stream)) {
    return {
      write: (text, onLost) => {
        try {
          // On a disk that fills up, Node's own stream reports success although only part of the text was written.
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
    // A stream writes in order, so the last write is the last to finish.
    settle: () => last,
  };
}

/** Whether it is a file or a device. Pipes and terminals are not: Node's streams write to those correctly. */
function isFile({ fd, isTTY }: { readonly fd: number; readonly isTTY: boolean }): boolean {
  try {
    const stats = fstatSync(fd);
    return !isTTY && (stats.isFile() || stats.isCharacterDevice() || stats.isBlockDevice());
  } catch {
    return false;
  }
}
