import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The slowest test files, which start first: if one started last, a single worker would run long after the others. */
const SLOWEST = [
  'e2e/shard-processes',
  'e2e/interruption',
  'e2e/lost-answers',
  'examples/shell',
  'examples/scale',
  'model/model',
  'action/git',
  'e2e/outcomes',
  'e2e/output',
  'history/walk/inside-merges',
  'structure/package',
].map((name) => existing(`${name}.test.ts`));

/** Directories whose tests start git often. They come next, since starting a process takes longer in a larger worker. */
const STARTS_GIT = ['action', 'e2e', 'examples', 'files', 'github', 'history', 'planning'].map((name) =>
  existing(name),
);

/** The absolute path of a file or directory in `test`, so that a name that was changed is not ignored. */
function existing(name: string): string {
  const path = join(import.meta.dirname, 'test', name);
  if (!existsSync(path)) throw new Error(`vitest.config.ts lists test/${name}, which does not exist`);
  return path;
}

class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const at = SLOWEST.indexOf(moduleId);
  if (at >= 0) return at;
  const startsGit = STARTS_GIT.some((directory) => moduleId.startsWith(`${directory}/`));
  return SLOWEST.length + (startsGit ? 0 : 1);
}

export default defineConfig({
  // Hides warnings about source maps that the inlined packages below do not publish.
  logLevel: 'error',
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    setupFiles: ['test/support/each-file.ts'],
    // Test files share the modules of a worker. Loading them for each file would take as long as most files run.
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // CI may have only two cores. A third worker uses them while the others wait.
    maxWorkers: 3,
    sequence: { sequencer: SlowestFirst },
    // These packages import JSON without an import attribute, which Node refuses.
    server: { deps: { inline: [/\/@actions\//] } },
  },
});
