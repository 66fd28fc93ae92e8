import { open, readFile, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OperatorError } from '../diagnostics/operator-error.js';
import type { Snapshot } from './world/snapshot.js';

/** What a state file holds, or undefined where there is none yet. */
export async function readState(file: string): Promise<Snapshot | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw unusable(file, 'cannot be read', cause);
  }
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch (cause) {
    throw unusable(file, 'is not JSON', cause);
  }
  if (!isSnapshot(state)) throw unusable(file, 'was not written by this version of the simulator', undefined);
  return state;
}

/** Keeps a file up to date. A reader finds either the state before a save or the one after it, never a part. */
export class StateFile {
  readonly #file: string;
  readonly #temporary: string;
  readonly #take: () => Snapshot;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  /** @param take the state at the moment of the call */
  constructor(file: string, take: () => Snapshot) {
    this.#file = file;
    this.#temporary = join(dirname(file), `.${basename(file)}.tmp`);
    this.#take = take;
  }

  /**
   * Resolves when everything up to this call is on the disk. Calls that come while a save is under way share the
   * next one.
   */
  save(): Promise<void> {
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        this.#running = this.#write();
        return this.#running;
      });
    return this.#next;
  }

  async #write(): Promise<void> {
    const text = JSON.stringify(this.#take());
    try {
      const handle = await open(this.#temporary, 'w', 0o600);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(this.#temporary, this.#file);
      await syncDirectory(dirname(this.#file));
    } catch (cause) {
      throw unusable(this.#file, 'cannot be written', cause);
    }
  }
}

/** The rename itself is only safe once the folder is on the disk; not every system lets a folder be opened. */
async function syncDirectory(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function isSnapshot(value: unknown): value is Snapshot {
  return (
    typeof value === 'object' &&
    value !== null &&
    'format' in value &&
    value.format === 'flagops-simulator-state' &&
    'version' in value &&
    value.version === 1
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function unusable(file: string, what: string, cause: unknown): OperatorError {
  const reason = cause instanceof Error && 'code' in cause ? `: ${String(cause.code)}` : '';
  return new OperatorError('simulator-state', `the state file ${file} ${what}${reason}`, {
    hint: 'name another file with --state, or delete this one',
    cause,
  });
}
