import { type Profiler, Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';

/**
 * Counts the operations of `work` in `src`: how often each function and block runs, plus how many items built-in methods
 * and loops visit, which block counts do not show. Unlike time, the number is the same on every machine.
 */
export async function countOperations(work: () => Promise<void>): Promise<number> {
  const session = new Session();
  session.connect();
  const items = { count: 0 };
  const restore = countItems(items);
  // Optimized code is not counted completely. It stays off for the rest of the process.
  setFlagsFromString('--no-opt');
  setFlagsFromString('--no-maglev');
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    await session.post('Profiler.takePreciseCoverage');
    items.count = 0;
    await work();
    const found = items.count;
    restore();
    const { result } = await session.post('Profiler.takePreciseCoverage');
    return found + executed(result);
  } finally {
    restore();
    await session.post('Profiler.stopPreciseCoverage');
    session.disconnect();
  }
}

function executed(scripts: readonly Profiler.ScriptCoverage[]): number {
  let count = 0;
  for (const { url, functions } of scripts) {
    if (!/\/src\/.*\.ts$/.test(url) || url.includes('/node_modules/')) continue;
    for (const { ranges } of functions) for (const range of ranges) count += range.count;
  }
  return count;
}

/** Methods that may visit every item. */
const VISITING = [
  'concat',
  'flat',
  'includes',
  'indexOf',
  'lastIndexOf',
  'reverse',
  'shift',
  'slice',
  'splice',
  'toReversed',
  'toSpliced',
  'unshift',
] as const;

type Method = (this: readonly unknown[], ...args: readonly unknown[]) => unknown;

/** Makes arrays, sets and maps count visited items until the returned function is called. */
function countItems(items: { count: number }): () => void {
  const replaced: (() => void)[] = [];
  const replace = (target: object, name: PropertyKey, make: (original: Method) => Method): void => {
    const descriptor = Object.getOwnPropertyDescriptor(target, name);
    if (descriptor === undefined) return;
    Object.defineProperty(target, name, { ...descriptor, value: make(descriptor.value as Method) });
    replaced.push(() => Object.defineProperty(target, name, descriptor));
  };
  for (const name of VISITING) {
    replace(
      Array.prototype,
      name,
      (original) =>
        function visit(this: readonly unknown[], ...args) {
          items.count += this.length;
          return Reflect.apply(original, this, args);
        },
    );
  }
  const iterated = [
    [Array.prototype, Symbol.iterator],
    ...([Set.prototype, Map.prototype] as const).flatMap((prototype) =>
      [Symbol.iterator, 'keys', 'values', 'entries'].map((name) => [prototype, name] as const),
    ),
  ] as const;
  for (const [prototype, name] of iterated) {
    replace(
      prototype,
      name,
      (original) =>
        function iterate(this: readonly unknown[], ...args) {
          const iterator = Reflect.apply(original, this, args) as Iterator<unknown>;
          const next = iterator.next.bind(iterator);
          return Object.assign(Object.create(iterator) as object, {
            next: () => {
              items.count += 1;
              return next();
            },
          });
        },
    );
  }
  return () => {
    for (const undo of replaced.splice(0)) undo();
  };
}
