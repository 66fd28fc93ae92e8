import { OperatorError } from '../diagnostics/operator-error.js';
import { isObject } from '../json/object.js';

/** A clock that can be moved. It then goes on from there. */
export class MovableClock {
  readonly #base: { now(): number };
  #offset = 0;

  constructor(base: { now(): number }) {
    this.#base = base;
  }

  /** Epoch milliseconds. */
  now(): number {
    return this.#base.now() + this.#offset;
  }

  /** @param time epoch milliseconds */
  moveTo(time: number): void {
    this.#offset = time - this.#base.now();
  }
}

/** The largest time that a date can have, epoch milliseconds. */
const LATEST = 8.64e15;

/**
 * Parses where to move a clock: `{"now": "2026-12-31T00:00:00Z"}`, `{"now": MILLISECONDS}` since the epoch, or
 * `{"advance": MILLISECONDS}`.
 * @param now epoch milliseconds
 * @returns epoch milliseconds
 * @throws OperatorError `bad-clock`
 */
export function parseMove(value: unknown, now: number): number {
  const time = isObject(value) && Object.keys(value).length === 1 ? timeIn(value, now) : NaN;
  if (Math.abs(time) <= LATEST) return Math.trunc(time);
  throw new OperatorError('bad-clock', 'the clock needs a time, or the milliseconds to advance it by', {
    hint: 'write {"now": "2026-12-31T00:00:00Z"} or {"advance": 60000}',
  });
}

function timeIn(fields: Readonly<Record<string, unknown>>, now: number): number {
  const { now: to, advance } = fields;
  if (typeof advance === 'number') return now + advance;
  if (typeof to === 'number') return to;
  return typeof to === 'string' ? Date.parse(to) : NaN;
}
