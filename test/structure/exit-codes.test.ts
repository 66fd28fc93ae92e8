import { expect, test } from 'vitest';
import { EXIT, EXIT_MEANINGS } from '../../src/exit-codes.js';
import { read } from './source.js';

test('README.md lists the exit codes and meanings of src/exit-codes.ts', () => {
  const [, section = ''] = read('README.md').split('\n## Exit codes\n');
  const rows = [...section.matchAll(/^\| (?<code>\d+) +\| (?<meaning>.*?) +\|$/gm)].map(({ groups }) => [
    groups?.['code'],
    groups?.['meaning']?.replaceAll('`', ''),
  ]);
  expect(rows).toEqual(Object.entries(EXIT_MEANINGS));
  expect(Object.keys(EXIT_MEANINGS)).toEqual(Object.values(EXIT).map(String));
});
