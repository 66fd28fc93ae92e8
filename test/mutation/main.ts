/**
 * Mutation testing: `npm run mutate`, or `npm run mutate -- src/reconcile/shard.ts` for some files only. Changes one
 * operator, condition or text of `src/reconcile` and `src/apply` at a time and runs the tests of the same directory that
 * cover it. Exits with 1 if the tests notice fewer than 90% of these mutants, or if a mutant survives that survivors.ts
 * does not list. Results for code and tests that did not change are reused; `--force` runs all. The results are saved in
 * results.json and shown in results.md; files that were not measured keep their earlier results.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { format } from 'prettier';
import { assess, hasFailed, type Mutant, percent } from './report.js';
import { mergeResults, type Results, resultsPage } from './results.js';

const ROOT = join(import.meta.dirname, '../..');
process.chdir(ROOT);

const args = process.argv.slice(2);
const files = args.filter((arg) => !arg.startsWith('--'));
const force = args.includes('--force');
const unknown = args.filter((arg) => arg.startsWith('--') && arg !== '--force');
if (unknown.length > 0) throw new Error(`no option ${unknown.join(', ')}; there is --force`);

// Read before the run: they may be edited while it takes its time.
const sources = new Map(
  readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .map((path) => join('src', path))
    .filter((path) => /^src\/(?:reconcile|apply)\/.*\.ts$/.test(path))
    .map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]),
);
const missing = files.filter((file) => !sources.has(file));
if (missing.length > 0) throw new Error(`not in src/reconcile or src/apply: ${missing.join(', ')}`);
const measured = new Map([...sources].filter(([file]) => files.length === 0 || files.includes(file)));
const started = performance.now();
const mutants: Mutant[] = [];
for (const directory of ['reconcile', 'apply']) {
  const mutate = [...measured.keys()].filter((file) => file.startsWith(`src/${directory}/`));
  if (mutate.length === 0) continue;
  const stryker = new Stryker({
    configFile: 'test/mutation/stryker.json',
    force,
    mutate,
    incrementalFile: `.mutation/${directory}.json`,
    vitest: { configFile: 'test/mutation/vitest.config.ts', dir: `test/${directory}`, related: false },
  });
  for (const mutant of await stryker.runMutationTest()) {
    const fileName = relative(ROOT, resolve(mutant.fileName));
    // The results of other files come from earlier runs.
    if (measured.has(fileName)) mutants.push({ ...mutant, fileName });
  }
}

const result = assess(mutants, measured);
const print = (line: string): boolean => process.stdout.write(`${line}\n`);
print(`${((performance.now() - started) / 60_000).toFixed(1)} minutes\n`);
for (const score of [...result.scores, result.total])
  print(
    `${score.file.padEnd(48)} ${`${score.killed} of ${score.total}`.padStart(14)} ${percent(score).padStart(8)}`,
  );
for (const { file, line, original, code, why } of result.survivors)
  if (why === undefined)
    print(`\n${file}:${line} survives, and survivors.ts does not say why\n- ${original}\n+ ${code}`);
for (const { file, code } of result.stale)
  print(`\n${file}: listed in survivors.ts, but killed or gone\n+ ${code}`);

const path = join(import.meta.dirname, 'results.json');
const earlier: Results = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
const today = new Date().toISOString().slice(0, 10);
const results = mergeResults(earlier, result, today, (file) => existsSync(join(ROOT, file)));
writeFileSync(path, await format(JSON.stringify(results), { parser: 'json', printWidth: 110 }));
const page = await format(resultsPage(results, [...sources.keys()].toSorted()), {
  parser: 'markdown',
  printWidth: 110,
});
writeFileSync(join(import.meta.dirname, 'results.md'), page);
process.exitCode = hasFailed(result) ? 1 : 0;
