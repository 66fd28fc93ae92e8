import { type Accepted, SURVIVORS } from './survivors.js';

/** The least share of mutants that the tests must notice, in percent. */
export const MIN_SCORE = 90;

/** The parts of Stryker's result for one mutant that are needed here. Lines and columns count from 1. */
export interface Mutant {
  readonly fileName: string;
  readonly status: string;
  readonly replacement: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** How many mutants of a file the tests noticed. */
export interface Score {
  readonly file: string;
  readonly killed: number;
  readonly total: number;
}

/** A mutant that no test noticed. */
export interface Survivor {
  readonly file: string;
  readonly line: number;
  /** The lines before the mutation, on one line. */
  readonly original: string;
  /** The mutated lines, on one line. With the file, this identifies a mutant even if other lines move. */
  readonly code: string;
  /** Why it is accepted, if survivors.ts says so. */
  readonly why: string | undefined;
}

export interface Assessment {
  readonly scores: readonly Score[];
  readonly total: Score;
  readonly survivors: readonly Survivor[];
  /** Entries of survivors.ts, for the files that were mutated, that no longer survive. */
  readonly stale: readonly { readonly file: string; readonly code: string }[];
}

/**
 * Compares the result of a run with survivors.ts.
 * @param sources the text of each file that was measured, also of those without a mutant
 */
export function assess(
  mutants: readonly Mutant[],
  sources: ReadonlyMap<string, string>,
  accepted: Readonly<Record<string, readonly Accepted[]>> = SURVIVORS,
): Assessment {
  const scores: Score[] = [];
  const survivors: Survivor[] = [];
  const stale: { file: string; code: string }[] = [];
  for (const [file, source] of [...sources].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const lines = source.split('\n');
    const why = new Map((accepted[file] ?? []).flatMap((one) => one.mutants.map((code) => [code, one.why])));
    const valid = mutants.filter(({ fileName, status }) => fileName === file && isValid(status));
    const lived = valid.filter(({ status }) => !isNoticed(status));
    const found = lived.map((mutant): Survivor => {
      const { original, code } = textOf(mutant, lines);
      return { file, line: mutant.location.start.line, original, code, why: why.get(code) };
    });
    const codes = new Set(found.map(({ code }) => code));
    scores.push({ file, killed: valid.length - lived.length, total: valid.length });
    survivors.push(...found.toSorted((a, b) => a.line - b.line));
    stale.push(...[...why.keys()].filter((code) => !codes.has(code)).map((code) => ({ file, code })));
  }
  const sum = (pick: (score: Score) => number): number => scores.reduce((all, score) => all + pick(score), 0);
  const total = { file: 'total', killed: sum(({ killed }) => killed), total: sum((score) => score.total) };
  return { scores, total, survivors, stale };
}

/** Files without a mutant (types only) count as fully tested. */
export function percent({ killed, total }: Score): string {
  const permille = total === 0 ? 1000 : Math.floor((killed / total) * 1000);
  return `${(permille / 10).toFixed(1)} %`;
}

export function hasFailed({ total, survivors, stale }: Assessment): boolean {
  return (
    total.killed * 100 < total.total * MIN_SCORE ||
    stale.length > 0 ||
    survivors.some(({ why }) => why === undefined)
  );
}

/** A mutant that does not compile, or is ignored, counts neither way. */
function isValid(status: string): boolean {
  return ['Killed', 'Timeout', 'Survived', 'NoCoverage'].includes(status);
}

function isNoticed(status: string): boolean {
  return status === 'Killed' || status === 'Timeout';
}

function textOf(
  { location: { start, end }, replacement }: Mutant,
  lines: readonly string[],
): Pick<Survivor, 'original' | 'code'> {
  const before = (lines[start.line - 1] ?? '').slice(0, start.column - 1);
  const after = (lines[end.line - 1] ?? '').slice(end.column - 1);
  return {
    original: onOneLine(lines.slice(start.line - 1, end.line).join(' ')),
    code: onOneLine(`${before}${replacement}${after}`),
  };
}

function onOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
