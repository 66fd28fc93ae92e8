import type { Renderer } from './formats/renderer.js';

/**
 * The output formats, by their name for `--format`. A renderer is loaded when it is used. To add a format, write a
 * renderer and add a line here.
 */
export const FORMATS = {
  text: async () => (await import('./formats/text.js')).text,
  json: async () => (await import('./formats/json.js')).json,
  markdown: async () => (await import('./formats/markdown.js')).markdown,
} as const satisfies Readonly<Record<string, () => Promise<Renderer>>>;

export type Format = keyof typeof FORMATS;
