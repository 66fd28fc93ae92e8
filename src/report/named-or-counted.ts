import { plural } from '../text/plural.js';

/** More names than this are counted. */
const MAX_NAMED = 3;

/** Each name for a line of its own; of many, their number for a single line: `300 scopes`. */
export function namedOrCounted(names: readonly string[], one: string): readonly string[] {
  return names.length > MAX_NAMED ? [plural(names.length, one)] : names;
}
