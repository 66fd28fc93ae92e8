import { openStreams } from '../terminal/streams.js';
import { terminalIo } from '../terminal/terminal.js';
import { runCommandLine } from './run.js';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
const streams = openStreams(process);
const io = terminalIo(process, streams, interruption.signal);

process.exitCode = await runCommandLine(process.argv.slice(2), io, process.env);
await streams.settle();
