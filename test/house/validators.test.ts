import { expect, it } from 'vitest';
import { validatorCode, VALIDATORS } from '../../schemas/validators.js';
import { read } from './source.js';

it.each(Object.entries(VALIDATORS))('%s has led to %s', (schema, file) => {
  expect(read(file) === validatorCode(schema), 'npm run validators writes it anew').toBe(true);
});
