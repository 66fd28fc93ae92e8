import { expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../src/config/config.js';
import { importable } from '../../src/planning/importable.js';
import { compareScope } from '../../src/reconcile/compare.js';
import { contextKey, type LiveProject } from '../../src/reconcile/state.js';
import { liveEnvironment } from '../reconcile/world.js';

const SCOPE = { project: 'shop', environment: 'production' };

it('an import leaves out kinds that cannot be targeted, and keys that a declaration refuses', () => {
  const contexts = [
    ['user', 'fine'],
    ['user', '\ud800'],
    ['user', 'k'.repeat(2049)],
    ['device', 'fine'],
    ['gone', 'fine'],
    ['a b', 'fine'],
  ] as const;
  const live: LiveProject = {
    flags: new Map([
      [
        'f',
        {
          key: 'f',
          state: 'live',
          variations: [{ id: undefined, name: undefined, value: true }],
          environments: new Map([
            [
              'production',
              liveEnvironment({
                targets: new Map(contexts.map(([kind, key]) => [contextKey(kind, key), 0])),
              }),
            ],
          ]),
        },
      ],
    ]),
    missing: new Set(),
    complete: true,
    contextKinds: new Set(['user', 'device', 'a b']),
  };
  const comparison = compareScope({ scope: SCOPE, overrides: new Map() }, live, DEFAULT_POLICY, 0);
  const { overrides, leftOut } = importable(comparison, { live, archived: [] }, () => true);
  expect(overrides).toEqual([
    { flag: 'f', kind: 'user', key: 'fine', setting: true },
    { flag: 'f', kind: 'device', key: 'fine', setting: true },
  ]);
  expect(leftOut.map(({ kind, reason }) => [kind, reason])).toEqual([
    ['user', 'refused'],
    ['user', 'refused'],
    ['gone', 'kind-unknown'],
    ['a b', 'refused'],
  ]);
});
