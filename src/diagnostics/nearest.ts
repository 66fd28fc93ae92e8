import { distance } from 'fastest-levenshtein';

/** A word of at least this many characters may be the beginning of the word that was meant. */
const SHORTEST_BEGINNING = 3;

/**
 * The candidate that was most likely meant, or undefined if none is close.
 * A candidate is close if at most a third of the characters differ, and at most three. Otherwise, it is the shortest
 * candidate that begins with the word (`production` for `prod`).
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
    // Checked first because it is cheap: the distance is at least the difference in length.
    if (Math.abs(wanted.length - name.length) > limit) continue;
    const cost = steps(wanted, name);
    if (cost <= limit && (best === undefined || cost < best.cost)) best = { candidate, cost };
  }
  return best?.candidate ?? longer;
}

/** The number of single-character edits from one word to another; swapped neighbours count as one edit. */
function steps(word: string, candidate: string): number {
  for (let at = 0; at < word.length - 1 && word.length === candidate.length; at += 1) {
    if (word[at] === candidate[at]) continue;
    const swapped = `${word.slice(0, at)}${word[at + 1] ?? ''}${word[at] ?? ''}${word.slice(at + 2)}`;
    if (swapped === candidate) return 1;
    break;
  }
  return distance(word, candidate);
}

/** `did you mean x?`, or undefined if no candidate is close. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const candidate = nearest(word, candidates);
  return candidate === undefined ? undefined : `did you mean ${candidate}?`;
}
