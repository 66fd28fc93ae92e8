import { playHistories } from '../model/support/histories.js';
import { soakBadInputs } from './bad-inputs.js';
import { soakKills } from './kills.js';
import type { Message, Work } from './work.js';

/** How many histories or kills are done between two messages. Few, since an early end loses those after the last one. */
const BATCH = 5;
/** How many inputs. */
const INPUTS = 200;

const work = JSON.parse(process.argv[2] ?? '') as Work;
const send = (message: Message): void => void process.send?.(message);
const onFailure = (text: string): void => send({ type: 'failure', text });
/** How many of all are done by this process. */
const share = (all: number): number => Math.floor(all / work.jobs) + Number(work.job < all % work.jobs);

/** The most failures that are made smaller. */
let shrinks = 3;
for (let done = 0; done < share(work.histories); done += BATCH) {
  const count = Math.min(BATCH, share(work.histories) - done);
  const first = work.seed + work.job + done * work.jobs;
  const { counts, failures } = await playHistories(
    { first, step: work.jobs, count, shrunk: shrinks },
    onFailure,
  );
  shrinks = Math.max(0, shrinks - failures.length);
  send({ type: 'counts', counts });
}
for (let done = 0; done < share(work.kills); done += BATCH) {
  const count = Math.min(BATCH, share(work.kills) - done);
  const { counts } = await soakKills({ seed: work.seed + work.job * 1_000_003 + done, count }, onFailure);
  send({ type: 'counts', counts });
}
for (let done = 0; done < share(work.badInputs); done += INPUTS) {
  const count = Math.min(INPUTS, share(work.badInputs) - done);
  const { counts } = await soakBadInputs({ seed: work.seed + work.job * 1_000_003 + done, count }, onFailure);
  send({ type: 'counts', counts });
}
process.disconnect();
