const SHORT_ID_DIGITS = 12;

/** The first 12 digits of a commit's id, as it is shown to people. */
export function shortId(id: string): string {
  return id.slice(0, SHORT_ID_DIGITS);
}
