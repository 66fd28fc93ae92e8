import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const ROOT = join(import.meta.dirname, '../..');

/** These take seconds and kill nothing that the others do not: they count operations of large plans, or wait for faults. */
const LEFT_OUT = ['operations', 'fault-matrix'];

/** The slowest of the others. They run last, since a mutant is done with at the first failure. */
const SLOW = ['laws', 'user-route', 'halving'].map((name) => `/${name}.test.ts`);

class SlowestLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => slownessOf(a) - slownessOf(b));
  }
}

function slownessOf({ moduleId }: TestSpecification): number {
  return SLOW.findIndex((ending) => moduleId.endsWith(ending));
}

/** For the tests that mirror a mutated directory, which main.ts names: they need no build and start no process. */
export default defineConfig({
  root: ROOT,
  logLevel: 'error',
  test: {
    include: ['**/*.test.ts'],
    exclude: LEFT_OUT.map((name) => `**/${name}.test.ts`),
    setupFiles: ['test/support/each-file.ts', 'test/mutation/setup.ts'],
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    sequence: { sequencer: SlowestLast },
  },
});
