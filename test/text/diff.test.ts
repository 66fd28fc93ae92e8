import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { unifiedDiff } from '../../src/text/diff.js';

it('a diff shows three lines around each change, and where they are', () => {
  const lines = Array.from({ length: 20 }, (_, index) => `${index + 1}\n`);
  const changed = lines.with(1, 'two\n').with(14, 'fifteen\n').toSpliced(17, 1);
  expect(unifiedDiff(lines.join(''), changed.join(''))).toBe(
    '@@ -1,5 +1,5 @@\n 1\n-2\n+two\n 3\n 4\n 5\n' +
      '@@ -12,9 +12,8 @@\n 12\n 13\n 14\n-15\n+fifteen\n 16\n 17\n-18\n 19\n 20\n',
  );
  expect(unifiedDiff('', 'a\nb\n')).toBe('@@ -0,0 +1,2 @@\n+a\n+b\n');
  expect(unifiedDiff('a\r\n', 'a\r\n')).toBe('');
});

it('a diff contains all that is needed to get from one text to the other', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 })
    .map((lines) => lines.map((line) => `${line}\n`).join(''));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const old = before.split('\n').slice(0, -1);
      const result: string[] = [];
      let at = 0;
      for (const line of unifiedDiff(before, after).split('\n').slice(0, -1)) {
        const hunk = /^@@ -(\d+),(\d+) /.exec(line);
        if (hunk !== null) {
          const start = Number(hunk[1]) - (hunk[2] === '0' ? 0 : 1);
          result.push(...old.slice(at, start));
          at = start;
        } else if (line.startsWith('+')) result.push(line.slice(1));
        else {
          expect(old[at]).toBe(line.slice(1));
          if (line.startsWith(' ')) result.push(line.slice(1));
          at += 1;
        }
      }
      expect([...result, ...old.slice(at)].map((line) => `${line}\n`).join('')).toBe(after);
    }),
  );
});
