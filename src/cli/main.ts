import { setFlagsFromString } from 'node:v8';
import { openStreams } from '../terminal/streams.js';
import { terminalIo } from '../terminal/terminal.js';
import { runCommandLine } from './run.js';

// undici parses HTTP in WebAssembly, and Node 20 optimises that after a few requests. The process cannot end before, which
// takes 60 ms, longer than all responses of a short run. Later versions do not wait for it.
if (process.versions.node.startsWith('20.')) setFlagsFromString('--wasm-tiering-budget=1000000000');

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
const streams = openStreams(process);
const io = terminalIo(process, streams, interruption.signal);

process.exitCode = await runCommandLine(process.argv.slice(2), io, process.env);
await streams.settle();
