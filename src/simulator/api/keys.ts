import { invalid } from './errors.js';

const KEY = /^[A-Za-z0-9._-]{1,256}$/;

/**
 * The key of a new flag, environment or project.
 * @throws ErrorResponse 400
 */
export function newKey(key: unknown): string {
  if (typeof key === 'string' && KEY.test(key) && key !== '.' && key !== '..') return key;
  throw invalid('key may contain only letters, digits, dots, underscores and hyphens');
}
