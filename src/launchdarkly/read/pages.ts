import { OperatorError } from '../../diagnostics/operator-error.js';

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** How many items the page had before any were filtered out. */
  readonly count: number;
  /** Characters of the response. */
  readonly size: number;
  /** How many items the list has according to the server, if it reports that. Only a hint. */
  readonly total: number | undefined;
  /** Whether the page says that it is the last. */
  readonly isLast: boolean;
}

export interface PageQuery<T> {
  /** The page at offset 0. */
  readonly first: Page<T>;
  /** Items requested per page. */
  readonly pageSize: number;
  /** The most page requests in flight at a time. */
  readonly concurrency: number;
  readonly read: (offset: number) => Promise<Page<T>>;
  readonly keyOf: (item: T) => string;
  /** Names the items in messages. */
  readonly what: string;
  readonly limits?: ListLimits;
}

/** The most that a list may contain. A list that never ends would otherwise use up the memory. */
export interface ListLimits {
  readonly items: number;
  readonly pages: number;
  /** Characters of all responses. */
  readonly size: number;
}

/** No project has that many flags. The size is enough for more than a thousand flags with 10,000 targets each. */
const LIMITS: ListLimits = { items: 100_000, pages: 5000, size: 2 ** 30 };

/**
 * Reads the pages after the first and returns each item once, in order.
 *
 * The list ends with a page that says it is the last, or that contains nothing new, because some servers repeat a page
 * forever. The reported total only decides how many pages are requested in parallel, at most `concurrency` at a time.
 * @throws OperatorError `list-too-long`, and what `read` throws
 */
export async function readPages<T>(query: PageQuery<T>): Promise<readonly T[]> {
  const { first, read, limits = LIMITS } = query;
  const seen = new Set(first.items.map(query.keyOf));
  const items: T[] = [];
  let offset = first.count;
  let pages = 1;
  let size = first.size;

  /** Adds the next page in order, and returns whether more may follow. */
  const add = (page: Page<T>): boolean => {
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

  // If the server ignores the page size, offsets are unknown in advance, so pages are read one after another.
  let expected = first.count === query.pageSize ? (first.total ?? 0) : 0;
  const ahead: Promise<Page<T>>[] = [];
  let nextOffset = offset;
  for (let mayContinue = !first.isLast; mayContinue;) {
    for (; nextOffset < expected && ahead.length < query.concurrency; nextOffset += query.pageSize) {
      const page = read(nextOffset);
      // A failure is thrown when it is this page's turn. If the list ends earlier, the failure does not matter.
      page.catch(() => undefined);
      ahead.push(page);
    }
    const page = await (ahead.shift() ?? read(offset));
    mayContinue = add(page);
    if (page.count === query.pageSize) continue;
    // The page had an unexpected size, so those requested in advance do not follow it directly.
    expected = 0;
    ahead.length = 0;
  }
  return items;
}

function tooLong(what: string, seen: number): OperatorError {
  return new OperatorError('list-too-long', `the list of ${what} does not end: ${seen} received so far`, {
    hint: 'LaunchDarkly never sends this much; check the base URL',
  });
}
