import { beforeEach, describe, expect, it } from 'vitest';
import type { FlagReader } from '../../src/launchdarkly/client.js';
import { connect } from '../../src/launchdarkly/connect.js';
import { goneWarning, readLive, type ScopeToRead } from '../../src/planning/live.js';
import { managedScopes, coveredScopes } from '../../src/planning/scopes.js';
import { type DesiredState, overrideKey } from '../../src/reconcile/state.js';
import { Simulator } from '../../src/simulator/simulator.js';
import { options } from '../launchdarkly/server.js';
import { atEndOfFile } from '../support/end-of-file.js';
import { parsedConfig } from '../support/planning.js';

let simulator: Simulator;
let url = '';

beforeEach(async () => {
  simulator = new Simulator({ port: 0 });
  ({ url } = await simulator.start());
  atEndOfFile(() => simulator.stop());
});

const client = (): FlagReader => connect(options(url, { token: 'api-reader' }));

interface Wanted {
  readonly project?: string;
  readonly environment?: string;
  readonly prune?: string;
  /** The flags of which an override of Alice is declared. */
  readonly flags?: readonly string[];
  readonly more?: Partial<ScopeToRead>;
}

/** A scope to read: `storefront/production` with one declared flag, unless `wanted` says otherwise. */
function scopeOf({
  project = 'storefront',
  environment = 'production',
  prune = 'owned',
  ...rest
}: Wanted): ScopeToRead {
  const scope = { project, environment };
  const overrides = (rest.flags ?? ['theme']).map((flag) => {
    const id = { flag, kind: 'user', key: 'alice' };
    const at = { file: 'a.yaml', line: 1, col: 1 };
    return [overrideKey(id), { ...id, setting: { type: 'value' as const, value: 'dark' }, at }] as const;
  });
  const desired: DesiredState = new Map([
    [`${project}/${environment}`, { scope, overrides: new Map(overrides) }],
  ]);
  const config = parsedConfig(JSON.stringify({ version: 1, scopes: [{ project, environment, prune }] }));
  const [managed] = managedScopes(coveredScopes(desired, config, []));
  if (managed === undefined) throw new Error('the scope is not managed');
  return { ...managed, onceDeclared: new Set(), mayOwnAny: false, ...rest.more };
}

describe('reading the live state', () => {
  it('planning reads only declared flags if history knows everything that is owned', async () => {
    const { live } = await readLive(client(), [scopeOf({})]);
    expect(live.get('storefront')?.complete).toBe(false);
    expect(live.get('storefront')?.flags.has('theme')).toBe(true);
  });

  it.each([
    ['owned', { mayOwnAny: true }, true],
    ['never', { mayOwnAny: true }, false],
    ['contexts', {}, true],
    ['environment', {}, true],
  ] as const)('with prune: %s and %j planning reads all flags: %s', async (prune, more, complete) => {
    const { live } = await readLive(client(), [scopeOf({ prune, more })]);
    expect(live.get('storefront')?.complete).toBe(complete);
  });

  it.each([
    ['owned', ['banner']],
    ['never', []],
  ])('with prune: %s planning reads the flags that were declared before: %j', async (prune, read) => {
    const scope = scopeOf({ prune, flags: [], more: { onceDeclared: new Set(['banner']) } });
    const { live } = await readLive(client(), [scope]);
    expect([...(live.get('storefront')?.flags.keys() ?? [])]).toEqual(read);
  });

  it('planning reads a project once for all its environments', async () => {
    const { live } = await readLive(client(), [scopeOf({}), scopeOf({ environment: 'staging' })]);
    expect([...live.keys()]).toEqual(['storefront']);
    expect([...(live.get('storefront')?.flags.get('theme')?.environments.keys() ?? [])].toSorted()).toEqual([
      'production',
      'staging',
    ]);
  });

  it('planning reads all flags if a declared one does not exist, so that the error can name the nearest', async () => {
    const { live } = await readLive(client(), [scopeOf({ flags: ['thme'] })]);
    expect(live.get('storefront')?.missing).toEqual(new Set(['thme']));
    expect(live.get('storefront')?.flags.has('theme')).toBe(true);
  });

  it.each([
    ['a project', { project: 'storefrnt' }],
    ['an environment', { environment: 'prodction' }],
  ])('planning fails for %s that does not exist', async (_, wanted) => {
    await expect(readLive(client(), [scopeOf(wanted)])).rejects.toMatchObject({
      code: expect.stringMatching(/^unknown-(?:project|environment)$/) as string,
    });
  });

  it('planning skips a scope that does not exist if only its ref names it, and reads the others', async () => {
    const gone = scopeOf({ environment: 'old', flags: [], more: { onlyApplied: true } });
    const result = await readLive(client(), [gone, scopeOf({})]);
    expect(result.gone).toEqual([gone.scope]);
    expect(result.live.get('storefront')?.flags.has('theme')).toBe(true);
    expect(goneWarning(gone.scope)).toMatch(/^storefront\/old was applied before and no longer exists/);
  });
});
