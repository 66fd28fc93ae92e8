import type { TextOptions } from '../report/plan-text.js';
import type { Io } from './io.js';

/** How to format text for a stream: colours, width, and the time that relative dates refer to. */
export function textOptions(io: Io, stream: 'stdout' | 'stderr'): TextOptions {
  return { color: io.color[stream], columns: io.columns[stream], now: io.now() };
}
