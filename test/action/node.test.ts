import { expect, it } from 'vitest';

it('leaves the tests to the Node that started them: the one the Action is tested with stands in no path', () => {
  expect(process.execPath).not.toContain('node_modules');
});
