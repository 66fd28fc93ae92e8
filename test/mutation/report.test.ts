import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { read, ROOT } from '../structure/source.js';
import { assess, hasFailed, type Mutant, percent } from './report.js';
import { mergeResults, type Results, resultsPage } from './results.js';
import { SURVIVORS } from './survivors.js';

const FILE = 'src/a.ts';
const SOURCE = 'const x = a > b;\nif (x) {\n  go();\n}\n';

function mutant(status: string, more: Partial<Mutant> = {}): Mutant {
  const location = { start: { line: 1, column: 11 }, end: { line: 1, column: 16 } };
  return { fileName: FILE, status, replacement: 'a >= b', location, ...more };
}

const BLOCK = { replacement: '{}', location: { start: { line: 2, column: 8 }, end: { line: 4, column: 2 } } };
const KILLED = Array.from({ length: 18 }, () => mutant('Killed'));

const assessed = (mutants: readonly Mutant[], listed: readonly string[] = []): ReturnType<typeof assess> =>
  assess(mutants, new Map([[FILE, SOURCE]]), { [FILE]: [{ why: 'It is equivalent.', mutants: listed }] });

describe('the assessment of a mutation run', () => {
  it('a mutant counts as noticed if a test failed or ran into the timeout', () => {
    const { total, scores } = assessed([
      mutant('Killed'),
      mutant('Timeout'),
      mutant('Survived'),
      mutant('NoCoverage'),
      mutant('CompileError'),
      mutant('Ignored'),
    ]);
    expect(scores).toEqual([{ file: FILE, killed: 2, total: 4 }]);
    expect(total).toEqual({ file: 'total', killed: 2, total: 4 });
  });

  it('a survivor is named by its mutated lines on one line, so that its reason is found wherever it moves', () => {
    const run = [...KILLED, mutant('Survived'), mutant('NoCoverage', BLOCK)];
    const result = assessed(run, ['const x = a >= b;', 'if (x) {}']);
    expect(result.survivors).toEqual([
      {
        file: FILE,
        line: 1,
        original: 'const x = a > b;',
        code: 'const x = a >= b;',
        why: 'It is equivalent.',
      },
      { file: FILE, line: 2, original: 'if (x) { go(); }', code: 'if (x) {}', why: 'It is equivalent.' },
    ]);
    expect(hasFailed(result)).toBe(false);
  });

  it('a run fails if a survivor is not listed, a listed one is killed, or fewer than 90% are noticed', () => {
    expect(hasFailed(assessed([...KILLED, mutant('Survived')]))).toBe(true);
    const listed = ['const x = a >= b;'];
    expect(hasFailed(assessed([...KILLED, mutant('Survived')], listed))).toBe(false);
    expect(assessed(KILLED, listed).stale).toEqual([{ file: FILE, code: 'const x = a >= b;' }]);
    expect(hasFailed(assessed(KILLED, listed))).toBe(true);
    const survivors = (count: number): Mutant[] => Array.from({ length: count }, () => mutant('Survived'));
    expect(hasFailed(assessed([...KILLED, ...survivors(2)], listed))).toBe(false);
    expect(hasFailed(assessed([...KILLED, ...survivors(3)], listed))).toBe(true);
  });

  it('a score is rounded down, so that 100 % means that nothing survived', () => {
    expect(percent({ file: FILE, killed: 9999, total: 10_000 })).toBe('99.9 %');
    expect(percent({ file: FILE, killed: 10, total: 10 })).toBe('100.0 %');
    expect(percent({ file: FILE, killed: 0, total: 0 })).toBe('100.0 %');
  });

  it('the page of results has every score and every survivor with its reason', () => {
    const run = assessed([...KILLED, mutant('Survived'), mutant('Survived', BLOCK)], ['if (x) {}']);
    const reasons = { [FILE]: [{ why: 'It is equivalent.', mutants: ['if (x) {}'] }] };
    const page = resultsPage(
      mergeResults({}, run, '2026-01-02', () => true),
      [FILE, 'src/b.ts'],
      reasons,
    );
    expect(page).toContain('Not measured yet: `src/b.ts`.');
    expect(page).toContain(
      '| `src/a.ts` | 20 | 18 | 90.0 % | 2026-01-02 |\n| **total** | 20 | 18 | 90.0 % |',
    );
    expect(page).toContain(
      'No reason is given yet.\n\n```diff\n- const x = a > b;\n+ const x = a >= b;\n```',
    );
    expect(page).toContain('It is equivalent.\n\n```diff\n- if (x) { go(); }\n+ if (x) {}\n```');
  });

  it('a file without a mutant is measured too, so that what survivors.ts lists for it is stale', () => {
    const { scores, stale } = assessed([], ['if (x) {}']);
    expect(scores).toEqual([{ file: FILE, killed: 0, total: 0 }]);
    expect(stale).toEqual([{ file: FILE, code: 'if (x) {}' }]);
    const results = mergeResults({}, assessed([]), '2026-01-02', () => true);
    const page = resultsPage(results, [FILE]);
    expect(page).not.toContain('Not measured yet');
    expect(page).not.toContain('src/a.ts');
  });

  it('files that were not measured keep their earlier results, unless they are gone', () => {
    const earlier = { date: '2026-01-01', killed: 1, total: 1, survivors: [] };
    const merged = mergeResults(
      { [FILE]: earlier, 'src/b.ts': earlier, 'src/gone.ts': earlier },
      assessed(KILLED),
      '2026-01-02',
      (file) => file !== 'src/gone.ts',
    );
    expect(merged).toEqual({
      [FILE]: { date: '2026-01-02', killed: 18, total: 18, survivors: [] },
      'src/b.ts': earlier,
    });
  });
});

it('the checked-in results are those of files that exist, and each survivor has a reason', () => {
  const results = JSON.parse(read('test/mutation/results.json')) as Results;
  for (const [file, { survivors }] of Object.entries(results)) {
    expect(existsSync(join(ROOT, file))).toBe(true);
    const listed = (SURVIVORS[file] ?? []).flatMap(({ mutants }) => mutants);
    for (const { code } of survivors) expect(listed).toContain(code);
  }
});

it('survivors are listed for files that exist, each once, with a reason', () => {
  for (const [file, reasons] of Object.entries(SURVIVORS)) {
    expect(existsSync(join(ROOT, file))).toBe(true);
    const all = reasons.flatMap(({ mutants }) => mutants);
    expect(new Set(all).size).toBe(all.length);
    for (const { why } of reasons) expect(why).toMatch(/^[A-Z].*\.$/);
  }
});
