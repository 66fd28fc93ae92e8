import { openStateFolder, type StateFolder } from '../files/state-folder.js';
import type { UserRouteMemory } from '../launchdarkly/user-route.js';
import type { SeenLimits } from '../reconcile/pace.js';

const FILE = 'limits.json';

/** The kinds of writes. Only an apply sees their limits. */
const WRITES = ['users', 'contexts', 'patches', 'dates'] as const;

/** The number of hosts to remember. The one that was written longest ago is dropped first. */
const MAX_HOSTS = 20;

/** An upper bound for plausible limits. */
const MAX_LIMIT = 1_000_000;

/** The numbers that are stored for each host, with their maximums. */
const KEPT = {
  users: MAX_LIMIT,
  contexts: MAX_LIMIT,
  patches: MAX_LIMIT,
  dates: MAX_LIMIT,
  /** When the user route was found to be gone, epoch milliseconds. */
  userRouteGoneAt: Number.MAX_SAFE_INTEGER,
} as const;

type StoredLimits = { readonly [Name in keyof typeof KEPT]?: number };

/** The rate limits that LaunchDarkly reported, in this run and (for writes) in earlier ones. */
export interface RememberedLimits {
  readonly seen: () => SeenLimits;
  /** Receives the limits that this run has seen so far, and stores those of writes for later runs. */
  readonly note: (limits: SeenLimits) => void;
  /** Whether the host's user route is gone, as this run or earlier runs in this clone found. */
  readonly userRoute: UserRouteMemory;
}

/**
 * Opens what earlier runs stored about a host, next to the cache of parsed files. Losing it only makes the estimate less
 * exact and costs one request.
 * @param root the folder that holds `.git`; outside git nothing is stored
 * @param host the API's host with its port
 */
export function openLimits(root: string, host: string): RememberedLimits {
  const folder = openStateFolder(root);
  const stored = (): StoredLimits => (folder === undefined ? undefined : read(folder).get(host)) ?? {};
  const { userRouteGoneAt: _, ...before } = stored();
  let current: SeenLimits = {};
  let goneAt: number | undefined;
  return {
    seen: () => ({ ...before, ...present(current) }),
    note: (limits) => {
      const isNew = WRITES.some((sort) => limits[sort] !== undefined && limits[sort] !== current[sort]);
      current = limits;
      if (isNew && folder !== undefined) write(folder, host, { ...limits });
    },
    userRoute: {
      // Read on demand: another shard may have found it out since this one started.
      goneAt: () => goneAt ?? stored().userRouteGoneAt,
      remember: (now) => {
        goneAt = Math.floor(now);
        if (folder !== undefined) write(folder, host, { userRouteGoneAt: goneAt });
      },
    },
  };
}

function present(limits: SeenLimits): SeenLimits {
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined));
}

/** Reads the stored values by host; ignores anything invalid. */
function read(folder: StateFolder): Map<string, StoredLimits> {
  const hosts = new Map<string, StoredLimits>();
  let content: unknown;
  try {
    content = JSON.parse(folder.readText(FILE) ?? '');
  } catch {
    return hosts;
  }
  for (const [host, entry] of Object.entries(fields(fields(content)['hosts'])))
    hosts.set(host, valid(fields(entry)));
  return hosts;
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function valid(entry: Readonly<Record<string, unknown>>): StoredLimits {
  return Object.fromEntries(
    Object.entries(KEPT).flatMap(([name, most]) => {
      const number = entry[name];
      const fits = typeof number === 'number' && Number.isInteger(number) && number > 0 && number <= most;
      return fits ? [[name, number]] : [];
    }),
  );
}

/** Adds to the current content of the file: another process may have written since this one read it. */
function write(folder: StateFolder, host: string, more: Readonly<Record<string, unknown>>): void {
  const hosts = read(folder);
  const known = hosts.get(host);
  hosts.delete(host);
  hosts.set(host, { ...known, ...valid(more) });
  const newest = Object.fromEntries([...hosts].slice(-MAX_HOSTS));
  try {
    folder.write(FILE, [`${JSON.stringify({ hosts: newest }, undefined, 2)}\n`]);
  } catch {
    // A full disk or a read-only checkout: the next run finds out the limits again.
  }
}
