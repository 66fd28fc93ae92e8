import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Starts first what mostly waits for rate limits, so that the rest is done meanwhile. */
class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const waits = ({ moduleId }: TestSpecification): boolean => moduleId.endsWith('/shard-processes.test.ts');
    return [...sorted.filter(waits), ...sorted.filter((file) => !waits(file))];
  }
}

export default defineConfig({
  // Vite warns of source maps that the packages below did not publish, a line for each of their files.
  logLevel: 'error',
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    setupFiles: ['test/support/each-file.ts'],
    // Test files share the modules of a worker: loading them again for each file takes as long as most files run.
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two cores are the smallest machine this runs on. The third worker uses them while the others wait.
    maxWorkers: 3,
    sequence: { sequencer: WaitingFirst },
    // It imports JSON without saying so, which only a bundler takes.
    server: { deps: { inline: [/\/@actions\//] } },
  },
});
