/** Matches any number of characters in a name, or of folders in a path. */
export const ANY = 'any';

/**
 * One step of a pattern: `ANY`, or a function that returns the offset after a match at an offset, or -1 if there is no
 * match. Apart from `ANY`, a step always matches the same number of elements; `matchSteps` relies on that.
 */
export type Step<Text> = typeof ANY | ((text: Text, at: number) => number);

/**
 * Whether a pattern matches a whole text. Each `ANY` matches as little as possible, and only the most recent one is
 * extended on a mismatch: extending an earlier one could not help, because the steps after it have already matched as
 * early as possible. So the time is at most the length of the text times the length of the pattern.
 * @param width the number of elements that belong together at an offset: 2 for a surrogate pair
 */
export function matchSteps<Text extends { readonly length: number }>(
  steps: readonly Step<Text>[],
  text: Text,
  width: (text: Text, at: number) => number,
): boolean {
  let index = 0;
  let at = 0;
  let retry: { readonly index: number; at: number } | undefined;
  for (;;) {
    const step = steps[index];
    if (step === ANY) {
      index += 1;
      if (index === steps.length) return true;
      retry = { index, at };
      continue;
    }
    const next = step?.(text, at) ?? (at === text.length ? at : -1);
    if (next >= 0) {
      if (step === undefined) return true;
      index += 1;
      at = next;
      continue;
    }
    if (retry === undefined || retry.at >= text.length) return false;
    retry.at += width(text, retry.at);
    ({ index, at } = retry);
  }
}

/** UTF-16 units of the character at an offset. */
export function characterWidth(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** A step that matches exactly this text. */
export function literalStep(literal: string): Step<string> {
  return (text, at) => (text.startsWith(literal, at) ? at + literal.length : -1);
}
