import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const ROOT = join(import.meta.dirname, '../..');

/** For the tests that mirror a mutated directory, which main.ts names: they need no build and start no process. */
export default defineConfig({
  root: ROOT,
  logLevel: 'error',
  test: {
    include: ['**/*.test.ts'],
    // Counts operations of large plans, which takes seconds and kills nothing that the others do not.
    exclude: ['**/operations.test.ts'],
    setupFiles: ['test/support/each-file.ts', 'test/mutation/setup.ts'],
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
