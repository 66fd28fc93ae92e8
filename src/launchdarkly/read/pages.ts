import { OperatorError } from '../../diagnostics/operator-error.js';

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** How many items came, before any were left out. */
  readonly count: number;
  /** Characters of the answer. */
  readonly size: number;
  /** How many items the list has in all, as far as the server says so. Only a hint: what arrives decides. */
  readonly total: number | undefined;
  /** Whether the page says that none follows. */
  readonly isLast: boolean;
}

export interface PageQuery<T> {
  /** The page at offset 0. */
  readonly first: Page<T>;
  /** Items that were asked for with each page. */
  readonly pageSize: number;
  /** Pages that may be under way at a time. */
  readonly concurrency: number;
  readonly read: (offset: number) => Promise<Page<T>>;
  readonly keyOf: (item: T) => string;
  /** In words, for messages. */
  readonly what: string;
  readonly limits?: ListLimits;
}

/** What a list may come to. Without an end of its own a list would go on until the memory is used up. */
export interface ListLimits {
  readonly items: number;
  readonly pages: number;
  /** Characters of all answers. */
  readonly size: number;
}

/** No project has so many flags; and more than a thousand of them with 10,000 targets each. */
const LIMITS: ListLimits = { items: 100_000, pages: 5000, size: 2 ** 30 };

/**
 * Reads the pages after the first, each item once, in order.
 *
 * The list ends with the page that says so, or that brings nothing new: some servers repeat a page for ever. How many
 * items are promised only decides how many pages are asked for side by side, never more than `concurrency` ahead of what
 * has arrived.
 * @throws OperatorError `list-too-long`, and what `read` throws
 */
export async function readPages<T>(query: PageQuery<T>): Promise<readonly T[]> {
  const { first, read, limits = LIMITS } = query;
  const seen = new Set(first.items.map(query.keyOf));
  const items: T[] = [];
  let offset = first.count;
  let pages = 1;
  let size = first.size;

  /** Takes in the next page in order, and returns whether more may follow. */
  const take = (page: Page<T>): boolean => {
    const before = items.length;
    for (const item of page.items) {
      const key = query.keyOf(item);
      if (seen.has(key)) continue;
      seen.add(key);
      items.push(item);
    }
    offset += page.count;
    pages += 1;
    size += page.size;
    if (seen.size > limits.items || pages > limits.pages || size > limits.size)
      throw tooLong(query.what, seen.size);
    return !page.isLast && items.length > before;
  };

  // A server with pages of its own size is followed page by page.
  let promised = first.count === query.pageSize ? (first.total ?? 0) : 0;
  const ahead: Promise<Page<T>>[] = [];
  let asked = offset;
  for (let goesOn = !first.isLast; goesOn;) {
    for (; asked < promised && ahead.length < query.concurrency; asked += query.pageSize) {
      const page = read(asked);
      // Its failure is thrown when it is its turn. If the list ends before, it does not matter.
      page.catch(() => undefined);
      ahead.push(page);
    }
    const page = await (ahead.shift() ?? read(offset));
    goesOn = take(page);
    if (page.count === query.pageSize) continue;
    // The pages that were asked for ahead do not follow this one.
    promised = 0;
    ahead.length = 0;
  }
  return items;
}

function tooLong(what: string, seen: number): OperatorError {
  return new OperatorError('list-too-long', `${what} do not end: ${seen} came so far`, {
    hint: 'this is more than LaunchDarkly has; check the base URL',
  });
}
