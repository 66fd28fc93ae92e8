import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/json/json.js';
import { defaultSeed } from '../../src/simulator/seed/default-seed.js';
import { config, overrides, startWorld, type World } from '../support/world.js';

const FILE = 'overrides/a.yaml';
const DAY = 86_400_000;

/** A date that many days from today, and the time at which an override with it expires. */
function date(days: number): { readonly text: string; readonly at: number } {
  const text = new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
  return { text, at: Date.parse(text) + DAY };
}

const JUNE = date(100);
const JULY = date(130);

/** Settings of `theme`, with dates, by user. */
type Declared = Readonly<Record<string, readonly [value: string, expires?: string]>>;

function file(declared: Declared): string {
  return overrides(
    Object.fromEntries(
      Object.entries(declared).map(([key, [value, expires]]): [string, { theme: Json }] => [
        key,
        { theme: expires === undefined ? value : { $value: value, expires } },
      ]),
    ),
  );
}

const AT_LAUNCHDARKLY = { 'flagops.yaml': config({}, { expiry: 'launchdarkly' }) };

async function withDates(declared: Declared, scope: Readonly<Record<string, unknown>> = {}): Promise<World> {
  return startWorld({
    files: {
      'flagops.yaml': config({}, { expiry: 'launchdarkly', ...scope }),
      [FILE]: file(declared),
    },
  });
}

/** The dates at LaunchDarkly for `theme`, by user, epoch milliseconds. */
function dates(world: World): Readonly<Record<string, number>> {
  const { expiring } = world.simulator.flag('storefront', 'theme').configs.get('production') ?? {};
  return Object.fromEntries((expiring?.list() ?? []).map(({ key, date: at }) => [key, at]));
}

/** `set alice 2026-06-30 pending` for each date of a plan. */
async function planned(world: World, ...args: string[]): Promise<string[]> {
  const plan = await world.plan(...args);
  return plan.dates.map(({ action, key, expires, mark, liveMoved, withheld }) =>
    [action, key, expires, mark, liveMoved ? 'moved' : undefined, withheld]
      .filter((word) => word !== undefined)
      .join(' '),
  );
}

/** Sets, moves or removes a date as by hand. */
async function touchDate(world: World, key: string, at: number | undefined): Promise<void> {
  const { variations, configs } = world.simulator.flag('storefront', 'theme');
  const environment = configs.get('production');
  const variation = environment?.targets.variationOf('user', key) ?? 0;
  const has = environment?.expiring.get('user', key) !== undefined;
  const kind = at === undefined ? 'remove' : has ? 'update' : 'add';
  const response = await fetch(`${world.url}/api/v2/flags/storefront/theme/expiring-targets/production`, {
    method: 'PATCH',
    headers: {
      Authorization: 'api-writer',
      'Content-Type': 'application/json; domain-model=launchdarkly.semanticpatch',
    },
    body: JSON.stringify({
      instructions: [
        {
          kind: `${kind}ExpiringTarget`,
          contextKind: 'user',
          contextKey: key,
          variationId: variations[variation]?.id,
          ...(at === undefined ? {} : { value: at }),
        },
      ],
    }),
  });
  expect(await response.json()).toMatchObject({ failedInstructions: 0 });
}

describe('with expiry: launchdarkly', () => {
  it.concurrent(
    'a date is set after its target, moved, and removed, each with its commit as comment',
    async () => {
      const world = await withDates({ alice: ['dark', JUNE.text], bob: ['dark'] });
      expect(await planned(world)).toEqual([`set alice ${JUNE.text} unknown`]);
      const run = await world.apply();
      expect(run.stdout).toContain('Applied 2 of 2 changes; 1 of 1 date.');
      expect(run.stdout).toContain('Read back 3 changes: all are live.');
      expect(dates(world)).toEqual({ alice: JUNE.at });
      const written = world.writes.map(({ path }) => path);
      expect(written.findIndex((path) => path.includes('expiring-targets'))).toBeGreaterThan(
        written.findIndex((path) => path.includes('alice')),
      );
      expect(await planned(world)).toEqual([]);

      world.repo.commit('Give Alice more time', {
        [FILE]: file({ alice: ['dark', JULY.text], bob: ['dark'] }),
      });
      expect(await planned(world)).toEqual([`move alice ${JULY.text} pending`]);
      await world.apply();
      expect(dates(world)).toEqual({ alice: JULY.at });
      expect(world.comments.at(-1)).toMatch(/^Give Alice more time \(/);

      world.repo.commit('Keep Alice', { [FILE]: file({ alice: ['dark'], bob: ['dark'] }) });
      expect(await planned(world)).toEqual(['remove alice pending']);
      await world.apply();
      expect(dates(world)).toEqual({});
      expect(world.comments.at(-1)).toMatch(/^Keep Alice \(/);
      expect(world.live('theme', 'alice')).toBe('dark');
      expect(world.ref()).toBe(world.repo.head);
    },
  );

  it.concurrent('LaunchDarkly ends an override on time, and then there is nothing left to do', async () => {
    const world = await withDates({ alice: ['dark', JUNE.text] });
    await world.apply();
    world.simulator.moveClock(JUNE.at - 1000);
    expect(world.live('theme', 'alice')).toBe('dark');
    world.simulator.moveClock(JUNE.at);
    expect(world.live('theme', 'alice')).toBeUndefined();
    // The same for a plan after that date, whose clock cannot be moved here.
    world.repo.commit('Long ago', { [FILE]: file({ alice: ['dark', '2020-01-01'] }) });
    const plan = await world.plan();
    expect(plan).toMatchObject({ changes: [], dates: [], expiring: { past: [{ expires: '2020-01-01' }] } });
  });

  it.concurrent('an override that changes its variation or is removed takes its date along', async () => {
    const world = await withDates({ alice: ['dark', JUNE.text], bob: ['dark', JUNE.text] });
    await world.apply();
    world.repo.commit('Contrast for Alice', { [FILE]: file({ alice: ['contrast', JUNE.text] }) });
    expect(await planned(world)).toEqual([`set alice ${JUNE.text} pending`]);
    const run = await world.apply();
    expect(run.stdout).toContain('Applied 2 of 2 changes; 1 of 1 date.');
    expect(dates(world)).toEqual({ alice: JUNE.at });
    expect(world.live('theme', 'bob')).toBeUndefined();
  });

  it.concurrent(
    'a date that was moved by hand is drift, and one of an override that is not ours stays',
    async () => {
      const world = await withDates({
        moved: ['dark', JUNE.text],
        gone: ['dark', JUNE.text],
        foreign: ['dark'],
      });
      await world.apply();
      world.touch('theme', 'stranger', 'dark');
      await touchDate(world, 'moved', JULY.at);
      await touchDate(world, 'gone', undefined);
      await touchDate(world, 'foreign', JULY.at);
      await touchDate(world, 'stranger', JULY.at);
      expect(await planned(world)).toEqual([
        'remove foreign drift',
        `set gone ${JUNE.text} drift`,
        `move moved ${JUNE.text} drift`,
      ]);
      const drift = await world.flagops('drift');
      expect(drift.code).toBe(2);
      expect(drift.stdout).toContain('Drift: 3 overrides changed elsewhere.');
      expect(drift.stdout).toContain(
        `user moved  declared to expire ${JUNE.text}  live to expire ${JULY.text}`,
      );
      expect((await world.flagops('plan', '--detailed-exitcode')).code).toBe(2);

      await world.apply();
      expect(dates(world)).toEqual({ moved: JUNE.at, gone: JUNE.at, stranger: JULY.at });
      expect((await world.flagops('drift')).code).toBe(0);
    },
  );

  it.concurrent('a date that an apply set without recording it is ours, not drift', async () => {
    const world = await withDates({ alice: ['dark'], bob: ['dark', JULY.text] }, { drift: 'report' });
    await world.apply();
    world.repo.commit('Give it an end', {
      [FILE]: file({ alice: ['dark', JUNE.text], bob: ['dark', JUNE.text] }),
    });
    await world.apply('--no-record');
    expect(dates(world)).toEqual({ bob: JUNE.at, alice: JUNE.at });
    world.repo.commit('Take it back', { [FILE]: file({ alice: ['dark'], bob: ['dark', JULY.text] }) });
    expect(await planned(world)).toEqual(['remove alice pending', `move bob ${JULY.text} pending`]);
    await world.apply();
    expect(dates(world)).toEqual({ bob: JULY.at });
    expect(world.comments.at(-1)).toMatch(/^Take it back \(/);
    expect(world.ref()).toBe(world.repo.head);
  });

  it.concurrent('drift: report shows dates that were moved, and leaves them', async () => {
    const world = await withDates({ alice: ['dark', JUNE.text] }, { drift: 'report' });
    await world.apply();
    await touchDate(world, 'alice', JULY.at);
    expect(await planned(world)).toEqual([`move alice ${JUNE.text} drift drift-report`]);
    const run = await world.flagops('apply', '--yes');
    expect(run.code).toBe(0);
    expect(run.stderr).toContain('not applied: drift is only reported here');
    expect(dates(world)).toEqual({ alice: JULY.at });
  });

  it.concurrent('turning it on sets the dates of overrides that are live already', async () => {
    const world = await startWorld({ files: { [FILE]: file({ alice: ['dark', JUNE.text] }) } });
    await world.apply();
    expect(dates(world)).toEqual({});
    world.repo.commit('Let LaunchDarkly end it', AT_LAUNCHDARKLY);
    expect(await planned(world)).toEqual([`set alice ${JUNE.text} pending`]);
    const run = await world.apply();
    expect(run.stdout).toContain('Applied 1 of 1 date.');
    expect(dates(world)).toEqual({ alice: JUNE.at });
    // With expiry: git they are not touched any more.
    world.repo.commit('Turn it off', { 'flagops.yaml': config({}), [FILE]: file({ alice: ['dark'] }) });
    expect(await planned(world)).toEqual([]);
    await world.apply();
    expect(dates(world)).toEqual({ alice: JUNE.at });
  });

  it.concurrent(
    'without permission for dates the targets are applied and the dates have failed',
    async () => {
      const world = await startWorld({
        simulator: {
          seed: {
            ...defaultSeed,
            tokens: [{ token: 'api-no-dates', role: 'writer', denied: ['updateExpiringTargets'] }],
          },
        },
        files: { ...AT_LAUNCHDARKLY, [FILE]: file({ alice: ['dark', JUNE.text], bob: ['dark', JUNE.text] }) },
      });
      const run = await world.run(['apply', '--yes'], {
        env: { LAUNCHDARKLY_ACCESS_TOKEN: 'api-no-dates' },
      });
      expect(run.code).toBe(3);
      expect(run.stdout).toMatch(
        /failed {2}theme in storefront\/production: 2 dates denied \(403 .*: the token needs updateExpiringTargets on proj\/storefront:env\/production:flag\/theme/,
      );
      expect(run.stdout).toContain('Applied 2 of 2 changes; 0 of 2 dates, 2 failed.');
      expect(world.live('theme', 'alice')).toBe('dark');
      expect(world.ref()).toBeUndefined();
    },
  );

  it.concurrent('each date has its own outcome', async () => {
    const world = await withDates({ alice: ['dark', JUNE.text], bob: ['dark', date(1).text] });
    // The simulator's clock is ahead, so it refuses the earlier date.
    world.simulator.moveClock(date(2).at);
    const run = await world.flagops('apply', '--yes', '--format', 'json');
    expect(run.code).toBe(3);
    expect(JSON.parse(run.stdout)).toMatchObject({
      dates: [
        { date: { key: 'alice', action: 'set', after: JUNE.at }, status: 'applied', reason: 'written' },
        {
          date: { key: 'bob' },
          status: 'failed',
          reason: 'refused',
          message: expect.stringContaining('value must be a time in the future') as string,
        },
      ],
      verification: { checked: 3, dateMismatches: [] },
    });
    expect(dates(world)).toEqual({ alice: JUNE.at });
  });

  it.concurrent('the fingerprint covers dates, and a plan file accepts only its own', async () => {
    const world = await withDates({ alice: ['dark', JUNE.text] });
    await world.apply();
    world.repo.commit('More time', { [FILE]: file({ alice: ['dark', JULY.text] }) });
    const { fingerprint, run } = await world.plan();
    world.repo.write({ '.git/plan.json': run.stdout });
    await touchDate(world, 'alice', date(50).at);
    const other = await world.flagops('apply', '--yes', '--expect', fingerprint);
    expect(other.code).toBe(4);
    const filed = await world.flagops('apply', '--yes', '--plan', '.git/plan.json');
    expect(filed.code).toBe(4);
    expect(filed.stdout).toContain('move the date of theme for user "alice" is not in the plan file');
    expect(dates(world)).toEqual({ alice: date(50).at });
  });

  it.concurrent('dates do not count for limits, but protect applies to them', async () => {
    const world = await withDates(
      { alice: ['dark', JUNE.text], ceo: ['dark', JUNE.text] },
      { limits: { changes: 0 }, protect: { contexts: ['user:ceo'] } },
    );
    world.applied({ alice: { theme: 'dark' }, ceo: { theme: 'dark' } });
    const plan = await world.plan();
    expect(plan.run.code).toBe(4);
    expect(plan.guards.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'protected storefront/production: theme for user "ceo" is protected',
    ]);
  });

  it.concurrent('only flags with a date are asked for dates', async () => {
    const world = await withDates({ alice: ['dark', JUNE.text] });
    world.repo.commit('Another flag', { 'overrides/b.yaml': overrides({ bob: { 'checkout-v2': true } }) });
    await world.plan();
    const asked = world.simulator.requests.filter(({ path }) => path.includes('expiring-targets'));
    expect(asked.map(({ path }) => path)).toEqual([
      '/api/v2/flags/storefront/theme/expiring-targets/production',
    ]);
  });
});
