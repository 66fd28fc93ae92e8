/**
 * Measures what was promised, and prints one table: `npm run bench`, or `npm run bench -- start reads` for some parts
 * alone. Ends with 1 where a limit is missed. Each other file of this folder is a part, and exports one function whose
 * name starts with `bench` and that gives rows.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from './support/row.js';

const parts = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.ts') && name !== 'main.ts')
  .map((name) => name.slice(0, -'.ts'.length));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !parts.includes(name));
if (unknown.length > 0) throw new Error(`no part ${unknown.join(', ')}; there are ${parts.join(', ')}`);

const rows: Row[] = [];
for (const part of wanted.length === 0 ? parts : wanted) {
  process.stderr.write(`${part} ...\n`);
  const module = (await import(join(import.meta.dirname, `${part}.ts`))) as Record<string, unknown>;
  for (const [name, run] of Object.entries(module)) {
    if (name.startsWith('bench') && typeof run === 'function')
      rows.push(...((await run()) as readonly Row[]));
  }
}
const width = (pick: (row: Row) => string): number => Math.max(...rows.map((row) => pick(row).length));
const [first, second] = [width(({ name }) => name), width(({ value }) => value)];
for (const { name, value, limit = '', ok } of rows) {
  const verdict = ok === false ? `${limit}: MISSED` : limit;
  process.stdout.write(`${`${name.padEnd(first)}  ${value.padEnd(second)}  ${verdict}`.trimEnd()}\n`);
}
process.exitCode = rows.some(({ ok }) => ok === false) ? 1 : 0;
