/**
 * Runs flagops for a long time against a model of its promises, with faults, kills and bad inputs, and prints one table:
 * `npm run soak`, or `npm run soak -- --histories 2000 --kills 300 --bad-inputs 5000 --jobs 2 --seed 1`. Several seeds are
 * run one after another, and the table sums them. Ctrl-C ends the soak early, with a table of what was done. Exits with 1
 * if anything disagreed. The same seed gives the same histories.
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Statistics } from '../model/support/statistics.js';
import { table } from './table.js';
import type { Message, Work } from './work.js';

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '2000' },
    kills: { type: 'string', default: '300' },
    'bad-inputs': { type: 'string', default: '5000' },
    jobs: { type: 'string', default: '2' },
    seed: { type: 'string', multiple: true, default: [String(Date.now() % 2 ** 30)] },
  },
});
const jobs = Math.max(1, wholeNumber('jobs', values.jobs));
const amount = {
  jobs,
  histories: wholeNumber('histories', values.histories),
  kills: wholeNumber('kills', values.kills),
  badInputs: wholeNumber('bad-inputs', values['bad-inputs']),
};
const seeds = seedsOf(values.seed);

const started = performance.now();
const statistics = new Statistics();
const failures: string[] = [];
let crashed = 0;
const stop = new AbortController();
// Not only once: npm and tsx pass on a signal that the terminal has sent to this process as well.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
for (const seed of seeds) {
  if (stop.signal.aborted) break;
  process.stdout.write(`soak: seed ${seed}, ${jobs} ${jobs === 1 ? 'job' : 'jobs'}\n`);
  await Promise.all(Array.from({ length: jobs }, (_, job) => run({ ...amount, seed, job })));
}
const seconds = (performance.now() - started) / 1000;
process.stdout.write(table(statistics.counts, { seconds, seeds, crashed, stopped: stop.signal.aborted }));
process.exitCode = failures.length > 0 || crashed > 0 ? 1 : 0;

/** Seeds from which the same history would be played twice are refused: the table would count it twice. */
function seedsOf(texts: readonly string[]): number[] {
  const sorted = texts.map((text) => wholeNumber('seed', text)).toSorted((a, b) => a - b);
  const apart = Math.max(1, amount.histories, amount.kills, amount.badInputs);
  for (const [index, seed] of sorted.entries()) {
    if (seed - (sorted[index - 1] ?? -Infinity) < apart)
      throw new Error(`the seeds must be at least ${apart} apart, so that each history is different`);
  }
  return sorted;
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} needs a whole number, not ${text}`);
  return Number(text);
}

/** Does one job in a process. */
function run(one: Work): Promise<void> {
  const worker = fork(join(import.meta.dirname, 'worker.ts'), [JSON.stringify(one)], {
    execArgv: ['--import', 'tsx'],
  });
  const onStop = (): void => void worker.kill();
  stop.signal.addEventListener('abort', onStop);
  worker.on('message', (message: Message) => {
    if (message.type === 'counts') {
      statistics.add(message.counts);
      const { histories = 0, kills = 0 } = statistics.counts;
      process.stderr.write(`${histories} histories, ${kills} kills, ${failures.length} failures\n`);
      return;
    }
    failures.push(message.text);
    process.stdout.write(`\n${message.text}\n`);
  });
  return new Promise((resolve) => {
    worker.once('close', (code) => {
      stop.signal.removeEventListener('abort', onStop);
      if (code !== 0 && !stop.signal.aborted) crashed += 1;
      resolve();
    });
  });
}
