import { defineConfig } from 'vitest/config';

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
    // Two cores are the smallest machine this runs on; more processes only make each other slow.
    maxWorkers: 2,
    // It imports JSON without saying so, which only a bundler takes.
    server: { deps: { inline: [/\/@actions\//] } },
  },
});
