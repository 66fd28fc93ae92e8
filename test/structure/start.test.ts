import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { CLI } from '../support/built.js';

const CHUNKS = join(dirname(CLI), 'chunks');

/** The sources in a built file and in all files that it imports statically, as comments of the bundler name them. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file) || !existsSync(file)) return seen;
  seen.add(file);
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|} from) "(\.[^"]+)";$/gm))
    loadedBy(join(dirname(file), path), seen);
  return seen;
}

const sourcesOf = (files: Iterable<string>): string[] =>
  [...files].flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^\/\/ ((?:src|node_modules)\/\S+)$/gm)].map(
      ([, path = '']) => path,
    ),
  );

it('validate loads neither the HTTP client, nor the YAML parser, nor the walk through history', () => {
  const [, main = ''] = /import\("(\.\/chunks\/main-[^"]+)"\)/.exec(readFileSync(CLI, 'utf8')) ?? [];
  const program = readFileSync(join(dirname(CLI), main), 'utf8');
  const [, validate = ''] = /import\("\.\/(validate-[^"]+)"\)/.exec(program) ?? [];
  const sources = sourcesOf(loadedBy(join(CHUNKS, validate)));
  expect(sources).toContain('src/commands/validate.ts');
  for (const unwanted of ['node_modules/undici/', 'node_modules/yaml/', 'src/history/walk/', 'src/apply/'])
    expect(sources.filter((path) => path.startsWith(unwanted))).toEqual([]);
});
