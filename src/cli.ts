#!/usr/bin/env node
import { version } from './version.js';

// The version alone is told without reading the command line parser: scripts ask for it at every start.
const [first, ...rest] = process.argv.slice(2);
if (rest.length === 0 && (first === '--version' || first === '-V')) writeVersion(`${version}\n`);
else await import('./cli/main.js');

/** What cannot be written to standard output goes to standard error, unless the reader has gone, as everywhere. */
function writeVersion(text: string): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.stderr.write(text);
  });
  process.stdout.write(text);
}
