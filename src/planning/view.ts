import type { View } from '../report/formats.js';
import type { Io } from '../terminal/io.js';
import { textOptions } from '../terminal/view.js';
import type { Declared } from './read-declarations.js';

/** How to format results for standard output. */
export function viewOf(io: Io, { workspace }: Declared): View {
  return { ...textOptions(io, 'stdout'), configPath: workspace.configPath };
}
