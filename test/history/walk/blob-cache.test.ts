import { afterEach, describe, expect, test } from 'vitest';
import { BlobCache } from '../../../src/history/walk/blob-cache.js';
import { objectsOf } from '../../../src/history/git/object-reader.js';
import { opened } from '../../support/history.js';
import { createRepository } from '../../support/repository.js';
import { ToyFormat } from '../../support/toy-format.js';

const closes: (() => void)[] = [];
afterEach(() => {
  for (const close of closes.splice(0)) close();
});

/** A cache for `most` overrides, and blobs `a` to `f` with nine overrides each. Each blob has the weight ten. */
async function cacheOf(most: number): Promise<{ ask: (names: string) => Promise<string>; cache: BlobCache }> {
  const repository = createRepository();
  const ids = new Map<string, string>();
  for (const name of 'abcdef') {
    const lines = Array.from({ length: 9 }, (_, index) => `shop/production beta user ${name}${index} true\n`);
    repository.write({ [`overrides/${name}.txt`]: lines.join('') });
    ids.set(name, repository.git('hash-object', '-w', `overrides/${name}.txt`));
  }
  repository.commit('start');
  const reader = objectsOf((await opened(repository)).git);
  closes.push(reader.hold());
  const format = new ToyFormat();
  const cache = new BlobCache(reader, format, most);
  return {
    cache,
    /** Asks for blobs one after the other, and returns those that had to be parsed. */
    ask: async (names) => {
      const before = format.parsed.length;
      for (const name of names) {
        const declared = await cache.declarations(ids.get(name) ?? '', name);
        expect([...(declared?.get('shop/production')?.keys() ?? [])][0]).toBe(`beta\nuser\n${name}0`);
      }
      return format.parsed.slice(before).join('');
    },
  };
}

describe('the blob cache', () => {
  test('the blob cache parses each blob once until it is full', async () => {
    const { ask, cache } = await cacheOf(60);
    expect(await ask('abcdef')).toBe('abcdef');
    expect(await ask('fedcba')).toBe('');
    expect(cache.parsed).toBe(6);
  });

  test('the blob cache evicts blobs when it is full, first those that were not used again', async () => {
    const { ask } = await cacheOf(30);
    expect(await ask('abc')).toBe('abc');
    expect(await ask('a')).toBe('');
    expect(await ask('d')).toBe('d');
    expect(await ask('acd')).toBe('');
    expect(await ask('b')).toBe('b');
  });

  test('the blob cache evicts blobs even if all were used again', async () => {
    const { ask } = await cacheOf(30);
    for (let round = 0; round < 3; round += 1) await ask('abcabcdefdef');
    expect((await ask('abcdef')).length).toBeGreaterThanOrEqual(3);
  });

  test('the blob cache always keeps the last blob, however large it is', async () => {
    const { ask } = await cacheOf(1);
    expect(await ask('aab')).toBe('ab');
    expect(await ask('ba')).toBe('a');
  });
});
