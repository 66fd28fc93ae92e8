import type { ApplyReport } from '../apply/report.js';
import type { Plan } from '../reconcile/plan.js';
import type { TextOptions } from './plan-text.js';

/** How and when a result is shown. */
export interface View extends TextOptions {
  /** The configuration's path, for advice about what to add to it. */
  readonly configPath: string;
}

/** An output format: renders each result as text for standard output. */
export interface Renderer {
  readonly plan: (plan: Plan, view: View) => string;
  /** @param plan contains drift only */
  readonly drift: (plan: Plan, view: View) => string;
  readonly result: (report: ApplyReport, view: View) => string;
}

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
