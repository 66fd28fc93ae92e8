import { distance } from 'fastest-levenshtein';

/** A word of at least so many characters may be the beginning of what was meant. */
const SHORTEST_BEGINNING = 3;

/**
 * The candidate that was most likely meant, or undefined where none is close.
 * Close means: at most a third of the characters differ, and never more than three; or else the word is how the
 * candidate begins (`prod` for `production`), and then the shortest such candidate was meant.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.min(3, Math.max(1, Math.floor(word.length / 3)));
  const wanted = word.toLowerCase();
  let best: { readonly candidate: string; readonly cost: number } | undefined;
  let longer: string | undefined;
  for (const candidate of candidates) {
    const name = candidate.toLowerCase();
    const begins = wanted.length >= SHORTEST_BEGINNING && name.startsWith(wanted);
    if (begins && (longer === undefined || candidate.length < longer.length)) longer = candidate;
    // The distance is at least the difference in length, and takes much longer to compute.
    if (Math.abs(wanted.length - name.length) > limit) continue;
    const cost = steps(wanted, name);
    if (cost <= limit && (best === undefined || cost < best.cost)) best = { candidate, cost };
  }
  return best?.candidate ?? longer;
}

/** Single-character edits from one word to another; two neighbours in the wrong order count as one. */
function steps(word: string, candidate: string): number {
  for (let at = 0; at < word.length - 1 && word.length === candidate.length; at += 1) {
    if (word[at] === candidate[at]) continue;
    const swapped = `${word.slice(0, at)}${word[at + 1] ?? ''}${word[at] ?? ''}${word.slice(at + 2)}`;
    if (swapped === candidate) return 1;
    break;
  }
  return distance(word, candidate);
}

/** `did you mean x?`, or undefined where nothing is close. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const candidate = nearest(word, candidates);
  return candidate === undefined ? undefined : `did you mean ${candidate}?`;
}
