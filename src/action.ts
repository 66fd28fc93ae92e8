import './action/unset-debug.js';
import { runAction } from './action/run.js';
import { openStreams } from './terminal/streams.js';

// Entry point of the GitHub Action: connects it to its process.

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());

const streams = openStreams(process);

process.exitCode = await runAction({
  env: process.env,
  write: (text) => streams.stdout(text, { mustArrive: true }),
  signal: interruption.signal,
});
await streams.settle();
