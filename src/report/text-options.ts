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

/** Text that may be wrapped between words. */
export function wrapWords(text: string, indent: string, { columns }: Pick<TextOptions, 'columns'>): string {
  return wrap(printable(text).split(' '), { gap: ' ', indent, columns });
}
