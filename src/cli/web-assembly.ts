import { setFlagsFromString } from 'node:v8';

/**
 * Keeps Node 20 from optimising WebAssembly, in which undici parses HTTP. It begins after a few requests, and the process
 * cannot end before it has, which takes 60 ms: longer than all responses of a short run. Later versions do not wait.
 */
export function leaveWebAssembly(): void {
  if (process.versions.node.startsWith('20.')) setFlagsFromString('--wasm-tiering-budget=1000000000');
}
