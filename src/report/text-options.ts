import { printable } from './escape.js';
import { wrap } from './wrap.js';

/** How text for people is formatted. */
export interface TextOptions {
  readonly color: boolean;
  /** The terminal's width; undefined if lines are not wrapped. */
  readonly columns?: number | undefined;
  /** Epoch milliseconds; ages are relative to it. */
  readonly now: number;
  /** Whether to name the unmanaged overrides, not only count them. */
  readonly unmanaged?: boolean | undefined;
  /** Whether changes show what is declared and what is live, instead of what an apply would change. */
  readonly asDrift?: boolean | undefined;
}

/** The most characters of a value, and the least that are left of it in a narrow terminal. */
export const MAX_VALUE = 60;
const MIN_VALUE = 10;

/**
 * The most characters of a value that has a line for itself, since a value is not wrapped.
 * @param beside the columns of its indentation, and of what is on its line in any case
 */
export function valueLength({ columns }: Pick<TextOptions, 'columns'>, beside: number): number {
  return Math.max(MIN_VALUE, Math.min(MAX_VALUE, (columns ?? Number.POSITIVE_INFINITY) - beside));
}

/** Text that may be wrapped between words. */
export function wrapWords(text: string, indent: string, { columns }: Pick<TextOptions, 'columns'>): string {
  return wrap(printable(text).split(' '), { gap: ' ', indent, columns });
}
