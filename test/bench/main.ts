/**
 * Runs all benchmarks and prints one table: `npm run bench`, or `npm run bench -- start reads` for some parts only. Exits
 * with 1 if a limit is missed. Every other file in this directory is a part, and exports one function whose name starts
 * with `bench` and that returns rows. The results are saved in results.json and drawn in results.svg; parts that were not
 * measured keep their earlier results.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { chart } from './support/chart.js';
import { mergeResults, type Results } from './support/results.js';
import type { Row } from './support/row.js';

const parts = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.ts') && name !== 'main.ts')
  .map((name) => name.slice(0, -'.ts'.length));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !parts.includes(name));
if (unknown.length > 0) throw new Error(`no part ${unknown.join(', ')}; there are ${parts.join(', ')}`);

const measured = new Map<string, readonly Row[]>();
for (const part of wanted.length === 0 ? parts : wanted) {
  const start = performance.now();
  process.stderr.write(`${part} ... `);
  const module = (await import(join(import.meta.dirname, `${part}.ts`))) as Record<string, unknown>;
  const rows: Row[] = [];
  for (const [name, run] of Object.entries(module)) {
    if (name.startsWith('bench') && typeof run === 'function')
      rows.push(...((await run()) as readonly Row[]));
  }
  measured.set(part, rows);
  process.stderr.write(`${((performance.now() - start) / 1000).toFixed(0)} s\n`);
}

const all = [...measured.values()].flat();
const width = (pick: (row: Row) => string): number => Math.max(...all.map((row) => pick(row).length));
const [first, second] = [width(({ name }) => name), width(({ value }) => value)];
for (const [part, rows] of measured) {
  process.stdout.write(`\n${part}\n`);
  for (const { name, value, limit = '', ok } of rows) {
    const limitText = ok === false ? `${limit}: MISSED` : limit;
    process.stdout.write(`${`  ${name.padEnd(first)}  ${value.padEnd(second)}  ${limitText}`.trimEnd()}\n`);
  }
}

const path = join(import.meta.dirname, 'results.json');
const known: Results = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
const today = { node: process.versions.node, date: new Date().toISOString().slice(0, 10) };
const results = mergeResults(known, measured, today, new Set(parts));
writeFileSync(path, await format(JSON.stringify(results), { parser: 'json', printWidth: 110 }));
writeFileSync(join(import.meta.dirname, 'results.svg'), chart(results));
process.exitCode = all.some(({ ok }) => ok === false) ? 1 : 0;
