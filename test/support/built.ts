import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** The command line that users run, built from `src/` before the tests. */
export const CLI = join(root, 'dist/cli.js');

/** The folder with the Action, built from `src/` before the tests; the checked-in bundle may be older. */
export const ACTION = join(root, 'node_modules/.cache/flagops/action');
