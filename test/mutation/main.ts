/**
 * Mutation testing: `npm run mutate`, or `npm run mutate -- src/reconcile/shard.ts` for some files only. Changes one
 * operator, condition or text of `src/reconcile` and `src/apply` at a time and runs the tests of the same directory that
 * cover it. Exits with 1 if the tests notice fewer than 90% of these mutants, or if a mutant survives that survivors.ts
 * does not list. Results for code and tests that did not change are reused; `--force` runs all. A run of all files writes
 * results.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { format } from 'prettier';
import { assess, hasFailed, type Mutant, percent } from './report.js';
import { resultsPage } from './results.js';

const ROOT = join(import.meta.dirname, '../..');
process.chdir(ROOT);

const args = process.argv.slice(2);
const files = args.filter((arg) => !arg.startsWith('--'));
const force = args.includes('--force');
const unknown = args.filter((arg) => arg.startsWith('--') && arg !== '--force');
if (unknown.length > 0) throw new Error(`no option ${unknown.join(', ')}; there is --force`);

const started = performance.now();
const mutants: Mutant[] = [];
for (const directory of ['reconcile', 'apply']) {
  const mutate = files.filter((file) => file.startsWith(`src/${directory}/`));
  if (files.length > 0 && mutate.length === 0) continue;
  const stryker = new Stryker({
    configFile: 'test/mutation/stryker.json',
    force,
    mutate: files.length === 0 ? [`src/${directory}/**/*.ts`] : mutate,
    incrementalFile: `.mutation/${directory}.json`,
    vitest: { configFile: 'test/mutation/vitest.config.ts', dir: `test/${directory}`, related: false },
  });
  for (const mutant of await stryker.runMutationTest()) {
    const fileName = relative(ROOT, resolve(mutant.fileName));
    // The results of other files come from earlier runs.
    if (files.length === 0 || files.includes(fileName)) mutants.push({ ...mutant, fileName });
  }
}
const minutes = (performance.now() - started) / 60_000;

const result = assess(mutants, (file) => readFileSync(file, 'utf8'));
const print = (line: string): boolean => process.stdout.write(`${line}\n`);
for (const score of [...result.scores, result.total])
  print(
    `${score.file.padEnd(48)} ${`${score.killed} of ${score.total}`.padStart(14)} ${percent(score).padStart(8)}`,
  );
for (const { file, line, original, code, why } of result.survivors)
  if (why === undefined)
    print(`\n${file}:${line} survives, and survivors.ts does not say why\n- ${original}\n+ ${code}`);
for (const { file, code } of result.stale)
  print(`\n${file}: listed in survivors.ts, but killed or gone\n+ ${code}`);

if (files.length === 0) {
  const run = { date: new Date().toISOString().slice(0, 10), node: process.versions.node, minutes };
  const page = await format(resultsPage(result, run), { parser: 'markdown', printWidth: 120 });
  writeFileSync(join(import.meta.dirname, 'results.md'), page);
}
process.exitCode = hasFailed(result) ? 1 : 0;
