import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/config/config.js';
import type { FlagReader } from '../../src/launchdarkly/client.js';
import { connect } from '../../src/launchdarkly/connect.js';
import { readApprovals, readAttemptedRequests } from '../../src/planning/open-approvals.js';
import type { Histories } from '../../src/planning/scope-histories.js';
import type { ManagedScope } from '../../src/planning/scopes.js';
import { overrideKey, type Setting } from '../../src/reconcile/state.js';
import { json, options, startServer, type TestServer } from '../launchdarkly/server.js';
import { NO_FILTER, overridesOf, planned, POLICY, SHOP, type World } from '../reconcile/world.js';
import { atEndOfFile } from '../support/end-of-file.js';

const KEY = 'shop/production';
/** An open request that was created by hand. */
const FOREIGN = { _id: 'r1', status: 'pending', instructions: [], description: 'By hand' };

async function serve(
  status: number,
  body: unknown,
): Promise<{ readonly server: TestServer; readonly reader: FlagReader }> {
  const server = await startServer((_, response) => json(response, status, body));
  atEndOfFile(() => server.stop());
  return { server, reader: connect(options(server.url)) };
}

function scopeOf(world: World, approvals: 'report' | 'request' = 'request'): ManagedScope {
  const desired = { scope: SHOP, overrides: overridesOf(world) };
  return { scope: SHOP, desired, policy: { ...POLICY, approvals }, onlyApplied: false };
}

function read(
  reader: FlagReader,
  world: World,
  more: Partial<Parameters<typeof readApprovals>[1]> = {},
): ReturnType<typeof readApprovals> {
  const scopes = [scopeOf(world)];
  const context = { reader, config: DEFAULT_CONFIG, git: undefined, scopes, attempted: new Map(), ...more };
  return readApprovals(planned(world), context);
}

/** Histories with an attempt that declared these settings of Alice by flag. */
function attempted(settings: Readonly<Record<string, Setting>>): Histories {
  const declared = new Map(
    Object.entries(settings).map(([flag, setting]) => [
      overrideKey({ flag, kind: 'user', key: 'alice' }),
      setting,
    ]),
  );
  const attempts = [{ scope: SHOP, declared, filter: NO_FILTER, shard: undefined }];
  const history = { lastApplied: undefined, declaredThen: undefined, datesThen: new Map(), attempts };
  return { byScope: new Map([[KEY, history]]), flagsSince: new Map(), datedSince: new Map(), warnings: [] };
}

const path = (flag: string): string =>
  `GET /api/v2/projects/shop/flags/${flag}/environments/production/approval-requests`;

describe('the approval requests that a plan reads', () => {
  const world: World = { desired: { 'f user alice': true, 'f user bob': true, 'theme user alice': 'dark' } };

  it('are those of flags with changes, each once', async () => {
    const { server, reader } = await serve(200, { items: [FOREIGN] });
    const { plan, waiting } = await read(reader, world);
    expect(server.seen.toSorted()).toEqual([path('f'), path('theme')]);
    expect(plan.approvals).toBeUndefined();
    expect(waiting.size).toBe(0);
  });

  it('are none if approvals are only reported, or nothing changes', async () => {
    const { server, reader } = await serve(200, { items: [] });
    await read(reader, world, { scopes: [scopeOf(world, 'report')] });
    await read(reader, { desired: { 'f user alice': true }, live: { 'f user alice': 0 } });
    expect(server.seen).toEqual([]);
  });

  it('are those of flags that an attempt declares differently', async () => {
    const { server, reader } = await serve(200, { items: [] });
    const histories = attempted({
      f: { type: 'value', value: true },
      theme: { type: 'value', value: 'light' },
      other: { type: 'variation', variation: 1 },
    });
    const found = await readAttemptedRequests(reader, [scopeOf(world)], histories);
    expect(server.seen.toSorted()).toEqual([path('other'), path('theme')]);
    await read(reader, world, { attempted: found });
    expect(server.seen.slice(2)).toEqual([path('f')]);
  });

  it('are those of at most 100 flags, and the others may be waiting', async () => {
    const { server, reader } = await serve(200, { items: [] });
    const names = Array.from({ length: 101 }, (_, index) => `f${index}`);
    const { plan, waiting } = await read(reader, {
      flags: Object.fromEntries(names.map((name) => [name, {}])),
      desired: Object.fromEntries(names.map((name) => [`${name} user alice`, true])),
    });
    expect(server.seen).toHaveLength(100);
    expect(plan.warnings).toEqual([expect.stringContaining('more than 100 flags')]);
    expect(waiting).toEqual(new Set([KEY]));
  });

  it('are a warning if the token may not see them, and may be waiting', async () => {
    const { reader } = await serve(403, { code: 'forbidden', message: 'no' });
    const { plan, waiting } = await read(reader, { desired: { 'f user alice': true } });
    expect(plan.warnings).toEqual([expect.stringMatching(/^approval requests cannot be read: .*403/)]);
    expect(waiting).toEqual(new Set([KEY]));
  });

  it('are none if the flag is gone', async () => {
    const { reader } = await serve(404, { code: 'not_found', message: 'no' });
    const { plan, waiting } = await read(reader, { desired: { 'f user alice': true } });
    expect([plan.warnings, waiting.size]).toEqual([[], 0]);
  });

  it('end the plan with an error if LaunchDarkly does not answer', async () => {
    const { server, reader } = await serve(200, {});
    await server.stop();
    await expect(read(reader, { desired: { 'f user alice': true } })).rejects.toMatchObject({
      code: 'unreachable',
    });
  });
});
