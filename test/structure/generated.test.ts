import { expect, it } from 'vitest';
import { referencePages } from '../../docs/generate.js';
import { GENERATED } from '../../schemas/generate.js';
import { read } from './source.js';

it.each(Object.entries(GENERATED))('%s is up to date (npm run generate)', async (file, make) => {
  expect(read(file) === (await make())).toBe(true);
});

it('every page in docs/reference is up to date (npm run docs)', async () => {
  const pages = await referencePages();
  const outdated = [...pages].filter(([file, text]) => read(file) !== text).map(([file]) => file);
  expect(outdated).toEqual([]);
  expect(pages.size).toBeGreaterThan(3);
});
