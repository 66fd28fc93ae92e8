import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ListLimits, type Page, readPages } from '../../../src/launchdarkly/read/pages.js';

const SIZE = 10;

interface Server {
  /** How many items it really has, each page holding `SIZE`; a function of the offset otherwise. */
  readonly pageAt: (offset: number) => Page<string>;
  readonly concurrency?: number;
  readonly limits?: ListLimits;
}

async function read(server: Server): Promise<{ items: readonly string[]; asked: number[]; most: number }> {
  const asked: number[] = [];
  let underWay = 0;
  let most = 0;
  const items = await readPages({
    first: server.pageAt(0),
    pageSize: SIZE,
    concurrency: server.concurrency ?? 4,
    read: async (offset) => {
      asked.push(offset);
      underWay += 1;
      most = Math.max(most, underWay);
      await Promise.resolve();
      underWay -= 1;
      return server.pageAt(offset);
    },
    keyOf: (item) => item,
    what: 'items',
    ...(server.limits === undefined ? {} : { limits: server.limits }),
  });
  return { items: [...server.pageAt(0).items, ...items], asked, most };
}

function page(items: readonly string[], more: Partial<Page<string>> = {}): Page<string> {
  return { items, count: items.length, size: items.length, total: undefined, isLast: false, ...more };
}

const names = (count: number, from = 0): string[] =>
  Array.from({ length: Math.max(0, count) }, (_, index) => `item-${from + index}`);

/** A server that has so many items, and says that it has another number of them. */
function serverOf(count: number, total: number | undefined, size = SIZE): (offset: number) => Page<string> {
  return (offset) => {
    const items = names(Math.min(size, count - offset), offset);
    return page(items, { total, isLast: offset + items.length >= count });
  };
}

describe('the pages of a list', () => {
  test('come whole and in order, however many items are promised, and hardly more is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(130),
        fc.oneof(fc.constant(undefined), fc.nat(300), fc.constantFrom(1e9, Number.MAX_SAFE_INTEGER)),
        fc.integer({ min: 1, max: 16 }),
        async (count, total, concurrency) => {
          const { items, asked, most } = await read({ pageAt: serverOf(count, total), concurrency });
          expect(items).toEqual(names(count));
          expect(most).toBeLessThanOrEqual(concurrency);
          const needed = Math.max(0, Math.ceil(count / SIZE) - 1);
          expect(asked.length).toBeLessThanOrEqual(needed + concurrency);
          if (total === undefined || total <= count) expect(asked).toHaveLength(needed);
        },
      ),
    );
  });

  test('come whole where the server has pages of its own size', async () => {
    for (const size of [3, 10, 25]) {
      const { items } = await read({ pageAt: serverOf(47, 47, size) });
      expect(items).toEqual(names(47));
    }
  });

  test('come whole where one in the middle is shorter than the others', async () => {
    const starts = [0, 10, 20, 26, 36, 46];
    const pageAt = (offset: number): Page<string> => {
      const index = starts.indexOf(offset);
      // A server that counts its pages from where the one before ended.
      const until = starts[index + 1] ?? 50;
      return index < 0
        ? page([], { isLast: true })
        : page(names(until - offset, offset), { total: 50, isLast: until === 50 });
    };
    const { items } = await read({ pageAt });
    expect(items).toEqual(names(50));
  });

  test.each([undefined, 1e9, 20])(
    'end where one page is repeated for ever, and %j are promised',
    async (total) => {
      const { items, asked } = await read({ pageAt: () => page(names(SIZE), { total }) });
      expect(items).toEqual(names(SIZE));
      expect(asked.length).toBeLessThanOrEqual(4);
    },
  );

  const LIMITS = { items: 1000, pages: 50, size: 5000 };
  test.each([
    ['items', (offset: number) => page(names(100, offset), { size: 1 })],
    ['pages', (offset: number) => page(names(1, offset), { size: 1 })],
    ['size', (offset: number) => page(names(SIZE, offset), { size: 1000 })],
  ])('are an error where they never end: too many %s', async (_, pageAt) => {
    await expect(read({ pageAt, limits: LIMITS })).rejects.toMatchObject({
      code: 'list-too-long',
      message: expect.stringMatching(/^the list of items does not end: \d+ received so far$/) as string,
    });
  });

  test('fail with the first page that fails, and not with one beyond the end', async () => {
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
