import { expect, it } from 'vitest';
import { shortId } from '../../src/reconcile/commit.js';

it('a short commit id is the first 12 digits', () => {
  expect(shortId('0123456789abcdef0123456789abcdef01234567')).toBe('0123456789ab');
});
