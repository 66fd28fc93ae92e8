import type { Commit } from '../../reconcile/state.js';
import type { ListedOverride } from '../../reconcile/list.js';
import { plural } from '../../text/plural.js';
import type { TextOptions } from '../text-options.js';

/** What `flagops list` prints. */
export interface OverrideList {
  readonly baseUrl: string;
  readonly head: Commit | undefined;
  /** Sorted by project, environment, flag, kind and key. */
  readonly overrides: readonly ListedOverride[];
  /** One line each. */
  readonly warnings: readonly string[];
}

/** A list as text for standard output. */
export type ListRenderer = (list: OverrideList, options: TextOptions) => string;

/**
 * The formats of a list, by their name for `--format`. A renderer is loaded when it is used.
 */
export const LIST_FORMATS = {
  text: async () => (await import('./text.js')).listText,
  json: async () => (await import('./json.js')).listJson,
  csv: async () => (await import('./csv.js')).listCsv,
  markdown: async () => (await import('./markdown.js')).listMarkdown,
} as const satisfies Readonly<Record<string, () => Promise<ListRenderer>>>;

export type ListFormat = keyof typeof LIST_FORMATS;

/** `expires 2026-12-31` or `expired 2026-12-31`. */
export function expiryWords({ expires }: Pick<ListedOverride, 'expires'>, now: number): string[] {
  if (expires === undefined) return [];
  return [`${expires.at <= now ? 'expired' : 'expires'} ${expires.text}`];
}

/** The mark, unless it says nothing that the expiry date does not say; and `manage`, unless it is `full`. */
export function listedMarkWords({ mark, expires, manage }: ListedOverride): string[] {
  const isKnown = mark === undefined || mark === 'unknown' || (mark === 'expired' && expires !== undefined);
  return [...(isKnown ? [] : [mark]), ...(manage === undefined ? [] : [`manage: ${manage}`])];
}

/** `7 overrides: 5 declared, 2 unmanaged`, or `no overrides`. */
export function totalWords(overrides: readonly ListedOverride[]): string {
  if (overrides.length === 0) return 'no overrides';
  const declared = overrides.filter(({ at }) => at !== undefined).length;
  const unmanaged = overrides.filter(({ mark }) => mark === 'unmanaged').length;
  const others = overrides.length - declared - unmanaged;
  const counts = [
    `${declared} declared`,
    `${unmanaged} unmanaged`,
    ...(others > 0 ? [`${others} no longer declared`] : []),
  ];
  return `${plural(overrides.length, 'override')}: ${counts.join(', ')}`;
}
