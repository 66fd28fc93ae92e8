import { describe, expect, it } from 'vitest';
import type { Io } from '../../src/terminal/io.js';
import { openProgress, type ProgressView } from '../../src/terminal/progress.js';
import { VirtualClock } from '../launchdarkly/virtual-clock.js';

const LIMITED = { perSecond: 4.5, window: 10_000, isGuess: false };
const CLEAR = '\r\u001b[K';

/** Progress on a log (`columns` undefined) or on a terminal, and what it has written. */
function open(columns?: number) {
  const clock = new VirtualClock({ now: 0 });
  const written: string[] = [];
  const write = (text: string): number => written.push(text);
  const io: Io = {
    cwd: '/',
    stdout: () => undefined,
    stderr: write,
    color: { stdout: false, stderr: false },
    columns: { stdout: undefined, stderr: columns },
    interactive: false,
    progress: columns === undefined ? undefined : { columns, write },
    now: () => clock.now(),
    signal: new AbortController().signal,
    ask: () => Promise.resolve(''),
  };
  const view = openProgress(io);
  return {
    view,
    written,
    start: (total: number, withheld = 0) => view.start({ total, withheld, expected: () => LIMITED, clock }),
    wait: (ms: number) => clock.run(clock.sleep(ms)),
    waitFor: (ms: number) => {
      view.wait({
        until: 'rate limit resets',
        at: clock.now() + ms,
        reason: `rate limit resets in ${ms / 1000} s`,
      });
    },
  };
}

function update(view: ProgressView, done: number, total: number, failed = 0): void {
  view.update({ done, total, failed, unknown: 0 });
}

describe('progress in a log', () => {
  it('there is a line every ten seconds, also while nothing ends, and none after the end', async () => {
    const { view, written, start, wait } = open();
    start(135);
    for (let done = 1; done <= 45; done += 1) update(view, done, 135, 1);
    await wait(9999);
    expect(written).toEqual([]);
    await wait(20_500);
    view.stop();
    await wait(60_000);
    expect(written).toEqual([
      '45 of 135 changes done, 1 failed, 4.5/s, 0:10 left\n',
      '45 of 135 changes done, 1 failed, 2.3/s, 0:20 left\n',
      '45 of 135 changes done, 1 failed, 1.5/s, 0:30 left\n',
    ]);
  });

  it('what requests wait for is printed at once, and then in the lines', async () => {
    const { view, written, start, wait, waitFor } = open();
    start(135);
    waitFor(7000);
    await wait(3000);
    waitFor(12_000);
    await wait(7000);
    view.wait(undefined);
    await wait(10_000);
    view.stop();
    expect(written).toEqual([
      'waiting: rate limit resets in 7 s\n',
      '0 of 135 changes done, 4.5/s, 0:10 left, rate limit resets in 5 s\n',
      '0 of 135 changes done, 4.5/s, 0:01 left\n',
    ]);
  });

  it('before and after an apply each wait is a line', () => {
    const { view, written, start, waitFor } = open();
    waitFor(5000);
    view.wait(undefined);
    start(5);
    view.stop();
    waitFor(6000);
    expect(written).toEqual(['waiting: rate limit resets in 5 s\n', 'waiting: rate limit resets in 6 s\n']);
  });

  it('nothing is shown if nothing is to be applied', async () => {
    const { view, written, start, wait } = open();
    start(3, 3);
    await wait(30_000);
    view.stop();
    expect(written).toEqual([]);
  });

  it('an interruption shows what is done', () => {
    const { view, written, start } = open();
    view.interrupt();
    start(10, 2);
    update(view, 5, 10, 1);
    view.interrupt();
    expect(written).toEqual([
      'Interrupted: Finishing the requests in flight; press Ctrl-C again to stop at once.\n',
      'Interrupted: 5 of 10 changes done, 1 failed. Finishing the requests in flight; press Ctrl-C again to stop at once.\n',
    ]);
  });
});

describe('progress on a terminal', () => {
  it('the line is rewritten while nothing ends, and removed at the end', async () => {
    const { view, written, start, wait, waitFor } = open(60);
    start(90);
    await wait(250);
    waitFor(5000);
    await wait(1100);
    view.stop();
    view.stop();
    expect(written).toEqual([
      `${CLEAR}[........................] 0/90  4.5/s  0:10 left`,
      `${CLEAR}[........] 0/90  4.5/s  0:10 left  rate limit resets in 5 s`,
      `${CLEAR}[........] 0/90  4.5/s  0:09 left  rate limit resets in 5 s`,
      `${CLEAR}[........] 0/90  4.5/s  0:09 left  rate limit resets in 4 s`,
      CLEAR,
    ]);
  });

  it('the line is rewritten at most ten times a second, and not if it would be the same', async () => {
    const { view, written, start, wait } = open(80);
    start(1000);
    for (let done = 1; done <= 100; done += 1) {
      await wait(2);
      update(view, done, 1000);
    }
    expect(written.map((text) => /[0-9]+(?=\/1,000)/.exec(text)?.[0])).toEqual(['50', '100']);
    view.stop();
  });

  it('an interruption is printed below nothing, in lines that fit, and the bar goes on', async () => {
    const { view, written, start, wait } = open(50);
    start(90);
    await wait(250);
    written.length = 0;
    view.interrupt();
    await wait(250);
    view.stop();
    expect(written).toEqual([
      CLEAR,
      `Interrupted: 0 of 90 changes done. Finishing the\nrequests in flight; press Ctrl-C again to stop at\nonce.\n`,
      expect.stringMatching(/\] 0\/90 /),
      CLEAR,
    ]);
  });

  it('a terminal that does not know its width counts as 80 columns wide', async () => {
    const { view, written, start, wait } = open(0);
    start(90);
    await wait(250);
    view.stop();
    expect(written[0]).toBe(`${CLEAR}[........................] 0/90  4.5/s  0:10 left`);
  });
});
