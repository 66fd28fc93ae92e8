import { openStateFolder, type StateFolder } from '../files/state-folder.js';
import type { UserRouteMemory } from '../launchdarkly/user-route.js';
import type { SeenLimits } from '../reconcile/pace.js';

const FILE = 'limits.json';

/** The sorts of writes, whose limits only an apply sees. */
const WRITES = ['users', 'contexts', 'patches'] as const;

/** So many hosts are remembered; the one that was forgotten longest goes first. */
const MOST_HOSTS = 20;

/** No limit of LaunchDarkly's is near this. */
const HIGHEST = 1_000_000;

/** What is written down of one host, and the most that each number can be. */
const KEPT = {
  users: HIGHEST,
  contexts: HIGHEST,
  patches: HIGHEST,
  /** When the user route was found to be gone, epoch milliseconds. */
  userRouteGoneAt: Number.MAX_SAFE_INTEGER,
} as const;

type Written = { readonly [Name in keyof typeof KEPT]?: number };

/** What LaunchDarkly was seen to allow, in this run and, as far as only writes show it, in earlier ones. */
export interface RememberedLimits {
  readonly seen: () => SeenLimits;
  /** Takes in what this run has seen by now, and writes down what the next one cannot see. */
  readonly note: (limits: SeenLimits) => void;
  /** What is known about the host's user route, in this run and in earlier ones of this clone. */
  readonly userRoute: UserRouteMemory;
}

/**
 * Opens what earlier runs saw of a host. It lies beside the cache of parsed files; losing it costs only a better
 * estimate and one request.
 * @param root the folder that holds `.git`; outside git nothing is remembered
 * @param host the API's host with its port
 */
export function openLimits(root: string, host: string): RememberedLimits {
  const folder = openStateFolder(root);
  const stored = (): Written => (folder === undefined ? undefined : read(folder).get(host)) ?? {};
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
      // Read when it is needed: another shard may have found it out since this one began.
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

/** What is written down by host; whatever does not look like it is left out. */
function read(folder: StateFolder): Map<string, Written> {
  const hosts = new Map<string, Written>();
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

function valid(entry: Readonly<Record<string, unknown>>): Written {
  return Object.fromEntries(
    Object.entries(KEPT).flatMap(([name, most]) => {
      const number = entry[name];
      const fits = typeof number === 'number' && Number.isInteger(number) && number > 0 && number <= most;
      return fits ? [[name, number]] : [];
    }),
  );
}

/** Adds to what the file holds by now: another process may have written since this one read it. */
function write(folder: StateFolder, host: string, more: Readonly<Record<string, unknown>>): void {
  const hosts = read(folder);
  const known = hosts.get(host);
  hosts.delete(host);
  hosts.set(host, { ...known, ...valid(more) });
  const kept = Object.fromEntries([...hosts].slice(-MOST_HOSTS));
  try {
    folder.write(FILE, [`${JSON.stringify({ hosts: kept }, undefined, 2)}\n`]);
  } catch {
    // A full disk or a read-only checkout: the next run finds out again.
  }
}
