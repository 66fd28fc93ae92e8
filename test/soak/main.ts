/**
 * Runs flagops for a long time against a model of its promises, with faults, kills and bad inputs, and prints one table:
 * `npm run soak`, or `npm run soak -- --histories 2000 --kills 300 --bad-inputs 5000 --jobs 2 --seed 1`. Exits with 1 if
 * anything disagreed. The same seed gives the same histories.
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
    seed: { type: 'string', default: String(Date.now() % 2 ** 30) },
  },
});
const seed = wholeNumber('seed', values.seed);
const jobs = Math.max(1, wholeNumber('jobs', values.jobs));
const work: Omit<Work, 'job'> = {
  seed,
  jobs,
  histories: wholeNumber('histories', values.histories),
  kills: wholeNumber('kills', values.kills),
  badInputs: wholeNumber('bad-inputs', values['bad-inputs']),
};

const started = performance.now();
const statistics = new Statistics();
const failures: string[] = [];
let crashed = 0;
process.stdout.write(`soak: seed ${seed}, ${jobs} ${jobs === 1 ? 'job' : 'jobs'}\n`);
await Promise.all(Array.from({ length: jobs }, (_, job) => run({ ...work, job })));
const seconds = (performance.now() - started) / 1000;
process.stdout.write(table(statistics.counts, { seconds, work, crashed }));
process.exitCode = failures.length > 0 || crashed > 0 ? 1 : 0;

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} needs a whole number, not ${text}`);
  return Number(text);
}

/** Does one job in a process. */
function run(one: Work): Promise<void> {
  const worker = fork(join(import.meta.dirname, 'worker.ts'), [JSON.stringify(one)], {
    execArgv: ['--import', 'tsx'],
  });
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
      if (code !== 0) crashed += 1;
      resolve();
    });
  });
}
