import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ListLimits, type Page, readPages } from '../../../src/launchdarkly/read/pages.js';

const SIZE = 10;

interface Server {
  /** The page at an offset. */
  readonly pageAt: (offset: number) => Page<string>;
  readonly concurrency?: number;
  readonly limits?: ListLimits;
}

async function read(server: Server): Promise<{ items: readonly string[]; offsets: number[]; most: number }> {
  const offsets: number[] = [];
  let inFlight = 0;
  let most = 0;
  const items = await readPages({
    first: server.pageAt(0),
    pageSize: SIZE,
    concurrency: server.concurrency ?? 4,
    read: async (offset) => {
      offsets.push(offset);
      inFlight += 1;
      most = Math.max(most, inFlight);
      await Promise.resolve();
      inFlight -= 1;
      return server.pageAt(offset);
    },
    keyOf: (item) => item,
    what: 'items',
    ...(server.limits === undefined ? {} : { limits: server.limits }),
  });
  return { items: [...server.pageAt(0).items, ...items], offsets, most };
}

function page(items: readonly string[], more: Partial<Page<string>> = {}): Page<string> {
  return { items, count: items.length, size: items.length, total: undefined, isLast: false, ...more };
}

const names = (count: number, from = 0): string[] =>
  Array.from({ length: Math.max(0, count) }, (_, index) => `item-${from + index}`);

/** A server that has `count` items and reports `total`. */
function serverOf(count: number, total: number | undefined, size = SIZE): (offset: number) => Page<string> {
  return (offset) => {
    const items = names(Math.min(size, count - offset), offset);
    return page(items, { total, isLast: offset + items.length >= count });
  };
}

describe('reading pages', () => {
  test('a list is complete and in order whatever total is reported, with few extra requests', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(130),
        fc.oneof(fc.constant(undefined), fc.nat(300), fc.constantFrom(1e9, Number.MAX_SAFE_INTEGER)),
        fc.integer({ min: 1, max: 16 }),
        async (count, total, concurrency) => {
          const { items, offsets, most } = await read({ pageAt: serverOf(count, total), concurrency });
          expect(items).toEqual(names(count));
          expect(most).toBeLessThanOrEqual(concurrency);
          const needed = Math.max(0, Math.ceil(count / SIZE) - 1);
          expect(offsets.length).toBeLessThanOrEqual(needed + concurrency);
          if (total === undefined || total <= count) expect(offsets).toHaveLength(needed);
        },
      ),
    );
  });

  test('a list is complete if the server uses its own page size', async () => {
    for (const size of [3, 10, 25]) {
      const { items } = await read({ pageAt: serverOf(47, 47, size) });
      expect(items).toEqual(names(47));
    }
  });

  test('a list is complete if a page in the middle is shorter', async () => {
    const starts = [0, 10, 20, 26, 36, 46];
    const pageAt = (offset: number): Page<string> => {
      const index = starts.indexOf(offset);
      // This server starts each page where the one before ended.
      const until = starts[index + 1] ?? 50;
      return index < 0
        ? page([], { isLast: true })
        : page(names(until - offset, offset), { total: 50, isLast: until === 50 });
    };
    const { items } = await read({ pageAt });
    expect(items).toEqual(names(50));
  });

  test.each([undefined, 1e9, 20])(
    'a list ends if one page is repeated forever and the total is %j',
    async (total) => {
      const { items, offsets } = await read({ pageAt: () => page(names(SIZE), { total }) });
      expect(items).toEqual(names(SIZE));
      expect(offsets.length).toBeLessThanOrEqual(4);
    },
  );

  const LIMITS = { items: 1000, pages: 50, size: 5000 };
  test.each([
    ['items', (offset: number) => page(names(100, offset), { size: 1 })],
    ['pages', (offset: number) => page(names(1, offset), { size: 1 })],
    ['size', (offset: number) => page(names(SIZE, offset), { size: 1000 })],
  ])('a list that never ends is an error: too many %s', async (_, pageAt) => {
    await expect(read({ pageAt, limits: LIMITS })).rejects.toMatchObject({
      code: 'list-too-long',
      message: expect.stringMatching(/^the list of items does not end: \d+ received so far$/) as string,
    });
  });

  test('reading fails with the first page that fails, unless it is beyond the end', async () => {
    const pageAt = (offset: number): Page<string> => {
      if (offset >= 30) throw new Error(`page ${offset}`);
      return serverOf(30, 1000)(offset);
    };
    expect((await read({ pageAt })).items).toEqual(names(30));
    const broken = (offset: number): Page<string> => {
      if (offset >= 20) throw new Error(`page ${offset}`);
      return serverOf(100, 100)(offset);
    };
    await expect(read({ pageAt: broken })).rejects.toThrow('page 20');
  });
});
