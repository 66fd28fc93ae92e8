#!/usr/bin/env node
import { version } from './version.js';

// The version alone is told without reading the command line parser: scripts ask for it at every start.
const [first, ...rest] = process.argv.slice(2);
if (rest.length === 0 && (first === '--version' || first === '-V')) process.stdout.write(`${version}\n`);
else await import('./cli/main.js');
