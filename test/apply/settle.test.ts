import { describe, expect, test } from 'vitest';
import { applied, failed, type Result, skipped, unknown } from '../../src/apply/outcome.js';
import { resultWithFlag, settle } from '../../src/apply/settle.js';
import type { Change } from '../../src/reconcile/plan.js';
import type { LiveFlag } from '../../src/reconcile/state.js';
import { liveProject } from '../reconcile/world.js';
import { change } from './setup.js';

const FOUND = applied('found-live', 'the answer was lost, and the override was found live');

/** The flag `theme` with these variations for users. */
function theme(users: Readonly<Record<string, number>>): LiveFlag {
  const live = Object.entries(users).map(([user, variation]) => [`theme user ${user}`, variation]);
  const flag = liveProject({ live: Object.fromEntries(live) }).flags.get('theme');
  if (flag === undefined) throw new Error('no flag');
  return flag;
}

const dark = (user: string): Change => change('theme', user, 1);
const removed = (user: string): Change => change('theme', user, null);

describe('a change whose answer was lost, once its flag was read', () => {
  test('a change was applied if it is live', () => {
    const error = failed('unreachable', 'no answer');
    expect(resultWithFlag(dark('alice'), error, theme({ alice: 1 }))).toEqual(FOUND);
    expect(resultWithFlag(removed('alice'), error, theme({ bob: 0 }))).toEqual(FOUND);
  });

  test.each<[string, Change, LiveFlag | undefined]>([
    ['the override is not live', dark('alice'), theme({ bob: 1 })],
    ['the live value is "light"', dark('alice'), theme({ alice: 0 })],
    ['the live value is "dark"', removed('alice'), theme({ alice: 1 })],
    ['the override is not live', dark('alice'), theme({ alice: 9 })],
    ['the flag was deleted', dark('alice'), undefined],
    ['the flag was deleted', removed('alice'), undefined],
  ])('a change has failed if %s, and may still take effect', (words, one, flag) => {
    const cause = new Error('why');
    const lost = `an answer was lost; ${words}, but that request may still take effect`;
    const refused = failed('missing-permission', 'denied', { extent: 'flag', cause });
    expect(resultWithFlag(one, refused, flag)).toEqual(
      failed('missing-permission', `denied; ${lost}`, { cause }),
    );
    const interrupted = skipped('interrupted', 'interrupted', 'run');
    expect(resultWithFlag(one, interrupted, flag)).toEqual(failed('answer-lost', `interrupted; ${lost}`));
  });
});

describe('settling the changes of a flag', () => {
  const TARGET = { project: 'storefront', environment: 'production', flag: 'theme' };

  /** Settles, with a lookup that finds `flag`, and returns what was looked up as well. */
  async function settled(
    ended: readonly { readonly change: Change; readonly result: Result }[],
    unanswered: readonly Change[],
    lookUp: () => Promise<LiveFlag | undefined>,
  ): Promise<{ readonly results: readonly Result[]; readonly lookups: readonly unknown[] }> {
    const lookups: unknown[] = [];
    const writer = {
      lookUpFlag: (...args: unknown[]): Promise<LiveFlag | undefined> => {
        lookups.push(args);
        return lookUp();
      },
    };
    const all = await settle(ended, (one) => unanswered.includes(one), TARGET, writer);
    expect(all.map(({ change: one }) => one)).toEqual(ended.map(({ change: one }) => one));
    return { results: all.map(({ result }) => result), lookups };
  }

  const [alice, bob, carol] = [dark('alice'), dark('bob'), dark('carol')];
  const unreachable = failed('unreachable', 'no answer');

  test('the flag is looked up once for all changes without an answer, and the others keep their results', async () => {
    const ended = [
      { change: alice, result: unreachable },
      { change: bob, result: unreachable },
      { change: carol, result: failed('refused', 'no') },
    ];
    const { results, lookups } = await settled(ended, [alice, bob], async () =>
      theme({ alice: 1, carol: 1 }),
    );
    expect(results).toEqual([
      { ...FOUND, unanswered: true },
      { ...resultWithFlag(bob, unreachable, theme({})), unanswered: true },
      failed('refused', 'no'),
    ]);
    expect(lookups).toEqual([['storefront', 'theme', ['production']]]);
  });

  test('nothing is looked up if every request was answered, or the last one was accepted', async () => {
    const ended = [
      { change: alice, result: applied('written') },
      { change: bob, result: unreachable },
      { change: carol, result: applied('already-live', 'already live') },
    ];
    const lookUp = (): Promise<never> => Promise.reject(new Error('looked up'));
    const { results, lookups } = await settled(ended, [alice, carol], lookUp);
    // What is live now was most likely written by the request without an answer.
    expect(results).toEqual([
      { ...applied('written'), unanswered: true },
      unreachable,
      { ...FOUND, unanswered: true },
    ]);
    expect(lookups).toEqual([]);
  });

  test('a change that is applied keeps its result if the flag is looked up for another', async () => {
    const ended = [
      { change: alice, result: applied('written') },
      { change: bob, result: unreachable },
    ];
    const { results } = await settled(ended, [alice, bob], async () => undefined);
    expect(results[0]).toEqual({ ...applied('written'), unanswered: true });
    expect(results[1]).toMatchObject({
      ending: { status: 'failed', reason: 'unreachable' },
      unanswered: true,
    });
  });

  test.each([
    [new Error('no route'), 'no route'],
    ['a text', 'a text'],
  ])('the outcome is unknown if looking up fails with %s', async (reason, text) => {
    const cause = new Error('why');
    const ended = [{ change: alice, result: failed('unavailable', 'status 503', { cause }) }];
    const lookUp = (): Promise<never> => Promise.reject(reason);
    const { results } = await settled(ended, [alice], lookUp);
    const message = `status 503; an answer was lost, and looking the override up failed: ${text}`;
    expect(results).toEqual([unknown('lookup-failed', message, cause)]);
  });
});
