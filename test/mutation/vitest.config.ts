import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const ROOT = join(import.meta.dirname, '../..');

/**
 * The tests that Stryker runs against each mutant: those that mirror the mutated directories. They run in this process
 * and need no build, so that a mutant takes well under a second.
 */
export default defineConfig({
  root: ROOT,
  logLevel: 'error',
  test: {
    include: ['test/{reconcile,apply}/**/*.test.ts'],
    // Counts operations of large plans, which takes seconds and kills nothing that the others do not.
    exclude: ['test/apply/operations.test.ts'],
    setupFiles: ['test/support/each-file.ts', 'test/mutation/setup.ts'],
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
