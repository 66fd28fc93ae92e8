import { readFile } from 'node:fs/promises';
import { OperatorError } from '../diagnostics/operator-error.js';
import { locate } from '../files/locate.js';
import { codeOf, reasonOf } from '../files/unsafe-path.js';
import { replacePrivately } from '../files/user-file.js';
import { measureJson, tooDeep } from '../json/shape.js';
import type { WorldSnapshot } from './world/snapshot.js';
import type { World } from './world/world.js';

/**
 * The state in a state file, or undefined if the file does not exist.
 * @throws OperatorError `simulator-state`
 */
export async function readState(file: string): Promise<WorldSnapshot | undefined> {
  let text: string;
  try {
    text = await readFile(locate(file).file, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw unusable(file, 'cannot be read', cause);
  }
  const deep = tooDeep(measureJson(text));
  if (deep !== undefined) throw unusable(file, deep, undefined);
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch (cause) {
    throw unusable(file, 'is not JSON', cause);
  }
  if (!isSnapshot(state)) throw unusable(file, 'was not written by this version of the simulator', undefined);
  return state;
}

/** Saves the state to a file. Each save replaces the file at once, so a reader never sees part of a state. */
export class StateFile {
  readonly #file: string;
  readonly #take: () => WorldSnapshot;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #isFirst = true;

  /** @param take the state at the moment of the call */
  constructor(file: string, take: () => WorldSnapshot) {
    this.#file = file;
    this.#take = take;
  }

  /**
   * Resolves when the state at the time of this call is on the disk. All calls during a save share the next save.
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

  /** Saves the state after every change. Returns what a write waits for before it is answered. */
  follow(world: World): () => Promise<void> {
    let saved: Promise<void> = Promise.resolve();
    const save = (): void => {
      saved = this.save();
      // Changes that were not requested over HTTP do not wait for the save, so its errors are reported only to those.
      saved.catch(() => undefined);
    };
    world.onChange(save);
    world.onReset(save);
    return () => saved;
  }

  async #write(): Promise<void> {
    const text = JSON.stringify(this.#take());
    try {
      await replacePrivately(this.#file, text, this.#isFirst);
      this.#isFirst = false;
    } catch (cause) {
      throw unusable(this.#file, 'cannot be written', cause);
    }
  }
}

function isSnapshot(value: unknown): value is WorldSnapshot {
  return (
    typeof value === 'object' &&
    value !== null &&
    'format' in value &&
    value.format === 'flagops-simulator-state' &&
    'version' in value &&
    value.version === 1
  );
}

function unusable(file: string, what: string, cause: unknown): OperatorError {
  const reason = cause === undefined || cause instanceof SyntaxError ? '' : `: ${reasonOf(cause)}`;
  return new OperatorError('simulator-state', `the state file ${file} ${what}${reason}`, {
    hint: 'name another file with --state, or delete this one',
    cause,
  });
}
