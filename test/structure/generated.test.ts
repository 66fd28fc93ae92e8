import { expect, it } from 'vitest';
import { GENERATED } from '../../schemas/generate.js';
import { read } from './source.js';

it.each(Object.entries(GENERATED))('%s is what the schemas make (npm run generate)', async (file, make) => {
  expect(read(file) === (await make())).toBe(true);
});
