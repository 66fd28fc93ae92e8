/** Stands for any number of characters in a name, or of folders in a path. */
export const ANY = 'any';

/**
 * One step of a pattern: `ANY`, or a function that gives where the step ends if it matches at an offset, and -1 if it
 * does not. Apart from `ANY`, a step always takes the same number of elements; `matchSteps` relies on it.
 */
export type Step<Text> = typeof ANY | ((text: Text, at: number) => number);

/**
 * Whether a pattern matches a whole text. Each `ANY` takes as little as possible, and only the last one that was
 * passed ever takes more: an earlier one could not help, since what follows it has matched as early as it can. So the
 * time is at most the length of the text times that of the pattern, whatever the pattern.
 * @param width elements that the one at an offset consists of: 2 for a surrogate pair
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
