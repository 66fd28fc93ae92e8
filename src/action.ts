import './action/quiet.js';
import { runAction } from './action/run.js';

// The GitHub Action: environment and exit code, and nothing else.

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());

process.exitCode = await runAction({
  env: process.env,
  write: (text) => void process.stdout.write(text),
  signal: interruption.signal,
});
