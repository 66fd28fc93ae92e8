#!/usr/bin/env node
import { version } from './version.js';

// Scripts ask for the version at every start, so it is printed without loading the command line parser.
const [first, ...rest] = process.argv.slice(2);
if (rest.length === 0 && (first === '--version' || first === '-v' || first === '-V'))
  writeVersion(`${version}\n`);
else await import('./cli/main.js');

/** Writes to standard output; if that fails, to standard error, unless the reader closed the pipe. */
function writeVersion(text: string): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.stderr.write(text);
  });
  process.stdout.write(text);
}
