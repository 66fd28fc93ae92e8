import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ParsedCache } from '../../../src/declare/cache/cache.js';
import { rememberingParser } from '../../../src/declare/cache/remembered-config.js';
import { parseConfig } from '../../../src/config/parse.js';
import { SourceText } from '../../../src/yaml/source.js';
import { ROOT } from '../../structure/source.js';

const FULL = `
version: 1
name: team
declarations: ['a/**/*.yaml']
baseUrl: https://app.eu.launchdarkly.com
rate: { writesPerSecond: 2.5, reserve: 15% }
timeouts: { attempt: 10s, run: 2h }
scopes:
  - { project: shop, environment: staging, paused: Sale, prune: never }
  - { project: shop, environment: production, files: ['p/**'], limits: { updates: 10%, changes: 5 } }
`;
const EXAMPLE = readFileSync(`${ROOT}/examples/storefront/flagops.yaml`, 'utf8');

/** A cache in memory that counts what is stored. */
function memory(): ParsedCache & { readonly stored: Map<string, string> } {
  const stored = new Map<string, string>();
  return {
    stored,
    get: (id) => stored.get(id),
    put: (id, encoded) => void stored.set(id, encoded),
    save: () => undefined,
  };
}

describe('a remembered configuration', () => {
  it.each(['version: 1\n', FULL, EXAMPLE])('is the same as the parsed one, at any path', async (text) => {
    const cache = memory();
    for (const path of ['flagops.yaml', 'flagops.yaml', 'team/flagops.yaml']) {
      const source = new SourceText(path, text);
      const parsed = parseConfig(source);
      expect(parsed.config).toBeDefined();
      expect(await rememberingParser(cache)(source)).toStrictEqual(parsed);
    }
    expect(cache.stored.size).toBe(1);
  });

  it('is taken from what was stored, and parsed again if that is damaged', async () => {
    const cache = memory();
    const source = new SourceText('flagops.yaml', 'version: 1\nname: first\n');
    await rememberingParser(cache)(source);
    const [[id, encoded] = ['', '']] = cache.stored;
    cache.stored.set(id, encoded.replace('first', 'other'));
    expect((await rememberingParser(cache)(source)).config?.name).toBe('other');
    cache.stored.set(id, '{');
    expect((await rememberingParser(cache)(source)).config?.name).toBe('first');
  });

  it.each([
    ['an error', 'version: 1\nname: 1\n'],
    ['a warning', 'version: 1\nscopes: [{ project: a, environment: b, protect: { flags: ["a\\u200b"] } }]\n'],
  ])('is not stored with %s, which must be reported again', async (_, text) => {
    const cache = memory();
    for (const round of [1, 2]) {
      const { diagnostics } = await rememberingParser(cache)(new SourceText('flagops.yaml', text));
      expect([round, diagnostics.length]).toEqual([round, 1]);
    }
    expect(cache.stored.size).toBe(0);
  });
});
