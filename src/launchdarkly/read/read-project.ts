import type { LiveFlag, LiveProject } from '../../reconcile/state.js';
import type { FlagReader } from '../client.js';
import { PAGE_SIZE } from '../paths.js';

/** What a plan needs to know of one project. */
export interface ProjectQuery {
  readonly project: string;
  readonly environments: readonly string[];
  /** Keys of the flags that must be among what is read. */
  readonly needed: ReadonlySet<string>;
  /** Whether every other flag that serves is needed as well, to find what nobody declares. */
  readonly all: boolean;
  /** Whether the context kinds are needed. */
  readonly contextKinds: boolean;
}

/**
 * Reads a project with the fewest requests: one list in pages, for all its environments, or one GET a needed flag
 * where that is fewer and not everything is needed. The first page tells how many there are. Where everything is
 * needed, the deprecated flags are listed too: they still serve, and their overrides may be ours.
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
  const readSingly = async (): Promise<void> => {
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
    const left = [...query.needed].filter((key) => !flags.has(key)).length;
    const pagesLeft = pages.total === undefined ? 0 : Math.ceil(pages.total / PAGE_SIZE) - 1;
    const [rest, deprecated] = await Promise.all([
      query.all || pagesLeft <= left ? pages.rest() : [],
      query.all ? readDeprecated(reader, query) : [],
    ]);
    keep(rest);
    keep(deprecated);
    complete = query.all;
  }
  // Whatever a list lacks is asked for by name: it may be deprecated, archived or gone.
  await readSingly();
  return { flags, missing, complete };
}

async function readDeprecated(
  reader: FlagReader,
  { project, environments }: ProjectQuery,
): Promise<readonly LiveFlag[]> {
  const pages = await reader.listFlags(project, environments, 'deprecated');
  return [...pages.flags, ...(await pages.rest())];
}
