/** How many digits of a commit's id people are shown. */
const SHORT = 12;

/** A commit's id as people are shown it. */
export function shortId(id: string): string {
  return id.slice(0, SHORT);
}
