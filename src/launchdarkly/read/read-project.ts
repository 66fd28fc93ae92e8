import type { LiveFlag, LiveProject } from '../../reconcile/state.js';
import type { FlagReader } from '../client.js';
import { PAGE_SIZE } from '../paths.js';

/** What a plan needs to know about one project. */
export interface ProjectQuery {
  readonly project: string;
  readonly environments: readonly string[];
  /** Keys of the flags that are needed in any case. */
  readonly needed: ReadonlySet<string>;
  /** Whether all other flags that serve are needed too, to find overrides that are not declared. */
  readonly all: boolean;
  /** Whether the context kinds are needed. */
  readonly contextKinds: boolean;
}

/**
 * Reads a project with as few requests as possible: the list of flags in pages, for all environments at once, or one GET
 * for each needed flag if that takes fewer requests and not all flags are needed. The first page reports how many flags
 * there are. If all are needed, deprecated flags are listed too: they still serve, and their overrides may be ours.
 */
export async function readProject(reader: FlagReader, query: ProjectQuery): Promise<LiveProject> {
  const [read, contextKinds] = await Promise.all([
    readFlags(reader, query),
    query.contextKinds ? reader.listContextKinds(query.project) : undefined,
  ]);
  return { ...read, contextKinds };
}

async function readFlags(
  reader: FlagReader,
  query: ProjectQuery,
): Promise<Omit<LiveProject, 'contextKinds'>> {
  const flags = new Map<string, LiveFlag>();
  const missing = new Set<string>();
  const keep = (read: Iterable<LiveFlag>): void => {
    for (const flag of read) flags.set(flag.key, flag);
  };
  const readEachMissing = async (): Promise<void> => {
    const keys = [...query.needed].filter((key) => !flags.has(key));
    const found = await Promise.all(
      keys.map((key) => reader.getFlag(query.project, key, query.environments)),
    );
    for (const [index, flag] of found.entries()) {
      if (flag === undefined) missing.add(keys[index] ?? '');
      else keep([flag]);
    }
  };
  let complete = false;
  if (query.all || query.needed.size > 1) {
    const pages = await reader.listFlags(query.project, query.environments, 'live');
    keep(pages.flags);
    const neededLeft = [...query.needed].filter((key) => !flags.has(key)).length;
    const pagesLeft = pages.total === undefined ? 0 : Math.ceil(pages.total / PAGE_SIZE) - 1;
    const [rest, deprecated] = await Promise.all([
      query.all || pagesLeft <= neededLeft ? pages.rest() : [],
      query.all ? readDeprecated(reader, query) : [],
    ]);
    keep(rest);
    keep(deprecated);
    complete = query.all;
  }
  // A needed flag that is not in a list may be deprecated, archived or gone, so it is requested by key.
  await readEachMissing();
  return { flags, missing, complete };
}

async function readDeprecated(
  reader: FlagReader,
  { project, environments }: ProjectQuery,
): Promise<readonly LiveFlag[]> {
  const pages = await reader.listFlags(project, environments, 'deprecated');
  return [...pages.flags, ...(await pages.rest())];
}
