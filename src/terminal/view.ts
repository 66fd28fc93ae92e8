import type { View } from '../report/formats/renderer.js';
import type { TextOptions } from '../report/text-options.js';
import type { Io } from './io.js';

/** How to format text for a stream: colours, width, and the time that relative dates refer to. */
export function textOptions(io: Io, stream: 'stdout' | 'stderr'): TextOptions {
  return { color: io.color[stream], columns: io.columns[stream], now: io.now() };
}

/** How to format results for standard output. */
export function viewOf(io: Io, { workspace }: { readonly workspace: Pick<View, 'configPath'> }): View {
  return { ...textOptions(io, 'stdout'), configPath: workspace.configPath };
}
