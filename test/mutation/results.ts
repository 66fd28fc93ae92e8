import { type Assessment, percent, type Score, type Survivor } from './report.js';

/** The page that is checked in: the score of each file, and all survivors with reasons. Markdown. */
export function resultsPage(
  { scores, total, survivors }: Assessment,
  run: { readonly date: string; readonly node: string; readonly minutes: number },
): string {
  const rows = [...scores.filter((score) => score.total > 0), total].map(
    (score) => `| ${nameOf(score)} | ${score.total} | ${score.killed} | ${percent(score)} |`,
  );
  const files = scores.flatMap(({ file }) => survivorsOf(file, survivors));
  return [
    '# Results of mutation testing',
    '',
    'Written by `npm run mutate -- --force`; see [CONTRIBUTING.md](../../CONTRIBUTING.md). Do not edit: reasons are in ' +
      '`survivors.ts`.',
    '',
    `Measured on ${run.date} with Node.js ${run.node}, in ${run.minutes.toFixed(0)} minutes.`,
    '',
    '| file | mutants | noticed by tests | score |',
    '| --- | ---: | ---: | ---: |',
    ...rows,
    '',
    '## Survivors',
    '',
    ...files,
  ].join('\n');
}

function nameOf({ file }: Score): string {
  return file === 'total' ? '**total**' : `\`${file}\``;
}

function survivorsOf(file: string, survivors: readonly Survivor[]): string[] {
  const here = survivors.filter((survivor) => survivor.file === file);
  if (here.length === 0) return [];
  const reasons = [...new Set(here.map(({ why }) => why ?? 'No reason is given yet.'))];
  return [
    `### ${file}`,
    '',
    ...reasons.flatMap((reason) => [
      reason,
      '',
      '```diff',
      ...here
        .filter(({ why }) => (why ?? 'No reason is given yet.') === reason)
        .flatMap(({ original, code }) => [`- ${original}`, `+ ${code}`]),
      '```',
      '',
    ]),
  ];
}
