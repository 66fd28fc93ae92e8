import { type Assessment, percent, type Score, type Survivor } from './report.js';
import { type Accepted, SURVIVORS } from './survivors.js';

/** The result of one file, as results.json keeps it. */
export interface FileResult {
  /** When it was measured. */
  readonly date: string;
  readonly killed: number;
  readonly total: number;
  readonly survivors: readonly Pick<Survivor, 'original' | 'code'>[];
}

/** By file. */
export type Results = Readonly<Record<string, FileResult>>;

/** Adds the results of a run to earlier ones. Files that were not measured keep theirs, if they still exist. */
export function mergeResults(
  earlier: Results,
  { scores, survivors }: Assessment,
  date: string,
  exists: (file: string) => boolean,
): Results {
  const measured = scores.map(({ file, killed, total }): [string, FileResult] => {
    const here = survivors.filter((survivor) => survivor.file === file);
    const kept = here.map(({ original, code }) => ({ original, code }));
    return [file, { date, killed, total, survivors: kept }];
  });
  const all = Object.entries({ ...earlier, ...Object.fromEntries(measured) });
  return Object.fromEntries(all.filter(([file]) => exists(file)).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The page that is checked in: the score of each file, and all survivors with reasons. Markdown.
 * @param sources the files that should be measured; those without a result are listed
 */
export function resultsPage(
  results: Results,
  sources: readonly string[],
  accepted: Readonly<Record<string, readonly Accepted[]>> = SURVIVORS,
): string {
  const files = Object.entries(results).filter(([, { total }]) => total > 0);
  const unmeasured = sources.filter((file) => results[file] === undefined).map((file) => `\`${file}\``);
  const sum = (pick: (result: FileResult) => number): number =>
    files.reduce((all, [, result]) => all + pick(result), 0);
  const total = { file: 'total', killed: sum(({ killed }) => killed), total: sum((result) => result.total) };
  return [
    '# Results of mutation testing',
    '',
    'Written by `npm run mutate`; see [CONTRIBUTING.md](../../CONTRIBUTING.md). Reasons are in `survivors.ts`.',
    '',
    '| file | mutants | noticed by tests | score | measured |',
    '| --- | ---: | ---: | ---: | --- |',
    ...files.map(([file, result]) => row(`\`${file}\``, { file, ...result }, result.date)),
    row('**total**', total, ''),
    '',
    ...(unmeasured.length === 0 ? [] : [`Not measured yet: ${unmeasured.join(', ')}.`, '']),
    '## Survivors',
    '',
    ...files.flatMap(([file, { survivors }]) => survivorsOf(file, survivors, accepted[file] ?? [])),
  ].join('\n');
}

function row(name: string, score: Score, date: string): string {
  return `| ${name} | ${score.total} | ${score.killed} | ${percent(score)} | ${date} |`;
}

function survivorsOf(
  file: string,
  survivors: FileResult['survivors'],
  accepted: readonly Accepted[],
): string[] {
  if (survivors.length === 0) return [];
  const reasonOf = (code: string): string =>
    accepted.find(({ mutants }) => mutants.includes(code))?.why ?? 'No reason is given yet.';
  const reasons = [...new Set(survivors.map(({ code }) => reasonOf(code)))];
  return [
    `### ${file}`,
    '',
    ...reasons.flatMap((reason) => [
      reason,
      '',
      '```diff',
      ...survivors
        .filter(({ code }) => reasonOf(code) === reason)
        .flatMap(({ original, code }) => [`- ${original}`, `+ ${code}`]),
      '```',
      '',
    ]),
  ];
}
