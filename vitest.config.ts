import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The slowest files, as listed by `.ci/run`. They run first: a worker that started one of them last would finish long
 * after the others.
 */
const SLOWEST = [
  'e2e/shard-processes',
  'e2e/interruption',
  'examples/scale',
  'action/git',
  'e2e/outcomes',
  'e2e/output',
  'history/walk/inside-merges',
  'structure/package',
];

/** Tests that often start git. They run early: starting a process takes longer the more memory the worker uses. */
const STARTS_GIT = /\/test\/(?:action|e2e|examples|files|github|history|planning)\//;

class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const at = SLOWEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
  if (at >= 0) return at;
  return STARTS_GIT.test(moduleId) ? SLOWEST.length : SLOWEST.length + 1;
}

export default defineConfig({
  // Without this, Vite prints a warning for each file of the packages below, which were published without source maps.
  logLevel: 'error',
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    setupFiles: ['test/support/each-file.ts'],
    // Test files share the modules of a worker: loading them again for each file would take as long as running most
    // files.
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two cores are the smallest machine this runs on. The third worker uses them while the others wait.
    maxWorkers: 3,
    sequence: { sequencer: SlowestFirst },
    // These packages import JSON without an import attribute, which only a bundler accepts.
    server: { deps: { inline: [/\/@actions\//] } },
  },
});
