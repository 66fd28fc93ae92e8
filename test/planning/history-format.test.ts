import { expect, it } from 'vitest';
import { findWorkspace } from '../../src/config/find.js';
import { parseDeclaration } from '../../src/declare/parse/parse.js';
import type { HistoryFormat } from '../../src/history/walk/blob-cache.js';
import { historyFormat } from '../../src/planning/history-format.js';
import { splitDates } from '../../src/reconcile/date-key.js';
import { overrideKey, type Setting } from '../../src/reconcile/state.js';
import { SourceText } from '../../src/yaml/source.js';
import { temporaryFolder } from '../support/repository.js';
import { overrides } from '../support/world.js';

const ALICE = overrides({ alice: { theme: 'dark' } });
const KEY = overrideKey({ flag: 'theme', kind: 'user', key: 'alice' });
const bytes = (text: string): Uint8Array => Buffer.from(text);

function format(byBlob: Readonly<Record<string, string>> = {}): HistoryFormat {
  const parsed = Object.entries(byBlob).flatMap(([blob, text]) => {
    const { declaration } = parseDeclaration(new SourceText('a.yaml', text));
    return declaration === undefined ? [] : [[blob, declaration] as const];
  });
  return historyFormat(findWorkspace(temporaryFolder()), { byBlob: new Map(parsed), cache: undefined });
}

async function settings(text: string): Promise<ReadonlyMap<string, Setting> | undefined> {
  return (await format().declarations(bytes(text), 'a.yaml', 'blob'))?.get('storefront/production');
}

it('the history format reads the settings of a file by scope and override', async () => {
  expect([...((await settings(ALICE)) ?? [])]).toEqual([[KEY, { type: 'value', value: 'dark' }]]);
});

it('the history format lists the settings of a file under each of its environments', async () => {
  const text = overrides(
    { alice: { theme: 'dark' } },
    { environment: undefined, environments: ['production', 'staging'] },
  );
  const declared = await format().declarations(bytes(text), 'a.yaml', 'blob');
  expect([...(declared?.keys() ?? [])]).toEqual(['storefront/production', 'storefront/staging']);
});

it('a file in history that is not valid YAML, not UTF-8 or contradicts itself declares nothing', async () => {
  const contradiction = overrides(
    { alice: { theme: 'dark' } },
    { groups: [{ name: 'all', users: ['alice'], flags: { theme: 'light' } }] },
  );
  expect(await settings('users: [')).toBeUndefined();
  expect(await format().declarations(new Uint8Array([0xff, 0xfe, 0xfd]), 'a.yaml', 'blob')).toBeUndefined();
  expect(await settings(contradiction)).toBeUndefined();
});

it('the history format keeps the dates of overrides beside their settings', async () => {
  const text = overrides(
    { alice: { theme: 'dark' }, bob: { theme: { $value: 'dark', expires: '2099-06-30' } } },
    {
      expires: '2099-01-01',
      groups: [{ name: 'all', users: ['alice', 'bob'], flags: { theme: 'dark' }, expires: '2099-12-31' }],
    },
  );
  // Of two equal declarations, the one that expires later counts.
  const at = Date.UTC(2100, 0, 1);
  expect([...splitDates((await settings(text)) ?? new Map<string, Setting>()).dates]).toEqual([
    [KEY, at],
    [overrideKey({ flag: 'theme', kind: 'user', key: 'bob' }), at],
  ]);
});

it('a blob in history that is also on disk is not parsed again', () => {
  const { recall } = format({ known: ALICE });
  expect([...(recall?.('known')?.declared?.keys() ?? [])]).toEqual(['storefront/production']);
  expect(recall?.('other')).toBeUndefined();
});

it('a commit without a configuration has the default globs', async () => {
  const globs = await format().globs(undefined);
  expect(globs?.matches('overrides/a.yaml')).toBe(true);
  expect(globs?.matches('flags/a.yaml')).toBe(false);
});

it('a commit has the globs of its configuration, and none if the configuration is invalid', async () => {
  const globs = await format().globs(bytes("version: 1\ndeclarations: ['flags/*.yaml']\n"));
  expect(globs?.matches('flags/a.yaml')).toBe(true);
  expect(globs?.matches('overrides/a.yaml')).toBe(false);
  expect(await format().globs(bytes('version: ['))).toBeUndefined();
});
