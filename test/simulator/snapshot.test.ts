import { expect, test } from 'vitest';
import type { WorldSnapshot } from '../../src/simulator/world/snapshot.js';
import { simulators } from './support/running.js';

const start = simulators();

/** Removes fields from every object in a JSON value. */
function without(value: unknown, names: readonly string[]): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, field: unknown) => (names.includes(name) ? undefined : field)),
  );
}

test('a snapshot restores projects, environments, rules, rollouts and the audit log', async () => {
  const first = await start();
  await first.call('POST', '/api/v2/projects', { body: { key: 'shop', name: 'Shop', tags: ['a'] } });
  const rollout = { variations: [{ variation: 1, weight: 100_000 }], bucketBy: 'country' };
  const clauses = [{ attribute: 'country', op: 'in', values: ['de'], negate: false }];
  await first.call('PATCH', '/api/v2/flags/storefront/theme', {
    body: [
      { op: 'replace', path: '/environments/production/fallthrough', value: { rollout } },
      { op: 'add', path: '/environments/production/rules/-', value: { variation: 0, clauses } },
      { op: 'replace', path: '/maintainerId', value: 'abc' },
    ],
  });
  const snapshot: WorldSnapshot = JSON.parse(JSON.stringify(first.simulator.world.snapshot()));
  const second = await start({ seed: snapshot });
  for (const path of ['/api/v2/flags/storefront/theme', '/api/v2/projects', '/api/v2/auditlog']) {
    expect((await second.call('GET', path)).body).toEqual((await first.call('GET', path)).body);
  }
});

test('the snapshot of an earlier version, with fewer fields, is restored', async () => {
  const first = await start();
  await first.call('PATCH', '/api/v2/flags/storefront/theme', {
    body: [{ op: 'replace', path: '/environments/production/fallthrough', value: { variation: 2 } }],
  });
  const shown = (await first.call('GET', '/api/v2/flags/storefront/theme')).body;
  const text = JSON.stringify(
    without(first.simulator.world.snapshot(), [
      'rules',
      'trackEvents',
      'clientSide',
      'customProperties',
      'color',
      'defaultTtl',
      'secureMode',
      'defaultTrackEvents',
      'requireComments',
      'confirmChanges',
      'critical',
    ]),
  )
    .replaceAll(/"fallthrough":\{"variation":(\d+)\}/g, '"fallthrough":$1')
    .replaceAll(/("flag":"theme",)"name":/g, '$1"flagName":');
  expect(text).toContain('"flagName":"Theme"');
  expect(text).toContain('"fallthrough":2');
  const earlier: WorldSnapshot = JSON.parse(text);
  const second = await start({ seed: earlier });
  expect((await second.call('GET', '/api/v2/flags/storefront/theme')).body).toEqual(shown);
  expect((await second.call('GET', '/api/v2/auditlog')).body).toMatchObject({ items: [{ name: 'Theme' }] });
  expect((await second.call('GET', '/api/v2/projects/storefront/environments')).body).toMatchObject({
    items: [{ color: '405BFF' }, {}],
  });
});
