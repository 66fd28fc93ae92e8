import type { DeclaredDate } from '../diagnostics/findings.js';
import type { DesiredScope } from './state.js';

/** The declared dates that authors should look at, each list sorted by date and position. */
export interface DeclaredDates {
  /** What has expired. If a year was mistyped, it is among these. */
  readonly past: readonly DeclaredDate[];
  /** What expires within `SOON_DAYS`. */
  readonly soon: readonly DeclaredDate[];
}

export const SOON_DAYS = 14;

const SOON = SOON_DAYS * 86_400_000;

/**
 * Finds the declared dates that have passed or soon will. The dates of a file or a group count once, however many
 * overrides have them.
 * @param now epoch milliseconds
 */
export function declaredDates(scopes: Iterable<DesiredScope>, now: number): DeclaredDates {
  const found = new Map<string, DeclaredDate>();
  for (const { overrides } of scopes) {
    for (const { expires, at } of overrides.values()) {
      if (expires === undefined || expires.at > now + SOON) continue;
      const { line, col } = expires;
      const key = `${at.file}\n${line}\n${col}`;
      const known = found.get(key)?.overrides ?? 0;
      found.set(key, {
        at: { file: at.file, line, col },
        expires: expires.text,
        date: expires.at,
        overrides: known + 1,
      });
    }
  }
  const sorted = [...found.values()].toSorted(compareDates);
  return { past: sorted.filter(({ date }) => date <= now), soon: sorted.filter(({ date }) => date > now) };
}

function compareDates(a: DeclaredDate, b: DeclaredDate): number {
  return (
    a.date - b.date ||
    Number(a.at.file > b.at.file) - Number(a.at.file < b.at.file) ||
    a.at.line - b.at.line ||
    a.at.col - b.at.col
  );
}
