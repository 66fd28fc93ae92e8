import type { TextOptions } from '../report/plan-text.js';
import type { Io } from './io.js';

/** How a stream shows text. */
export function textOptions(io: Io, stream: 'stdout' | 'stderr'): TextOptions {
  return { color: io.color[stream], columns: io.columns[stream], now: io.now() };
}
