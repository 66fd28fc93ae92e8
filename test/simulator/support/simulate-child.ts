/** A simulator in a process of its own, which can be killed: `simulate-child.ts '{"state": "file"}'`. */
import { simulate } from '../../../src/commands/simulate.js';

const [, , options = '{}'] = process.argv;
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
process.exitCode = await simulate(
  { port: 0, ...JSON.parse(options) },
  {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    signal: stop.signal,
  },
);
