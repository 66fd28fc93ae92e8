import { openStateFolder, type StateFolder } from '../files/state-folder.js';
import type { SeenLimits } from '../reconcile/pace.js';

const FILE = 'limits.json';

/** The sorts of writes, whose limits only an apply sees. */
const WRITES = ['users', 'contexts', 'patches'] as const;

/** So many hosts are remembered; the one that was forgotten longest goes first. */
const MOST_HOSTS = 20;

/** No limit of LaunchDarkly's is near this. */
const HIGHEST = 1_000_000;

type Written = { readonly [Sort in (typeof WRITES)[number]]?: number };

/** What LaunchDarkly was seen to allow, in this run and, as far as only writes show it, in earlier ones. */
export interface Limits {
  readonly seen: () => SeenLimits;
  /** Takes in what this run has seen by now, and writes down what the next one cannot see. */
  readonly note: (limits: SeenLimits) => void;
}

/**
 * Opens what earlier runs saw of a host. It lies beside the cache of parsed files; losing it costs only a better
 * estimate.
 * @param root the folder that holds `.git`; outside git nothing is remembered
 * @param host the API's host with its port
 */
export function openLimits(root: string, host: string): Limits {
  const folder = openStateFolder(root);
  const before = folder === undefined ? {} : (read(folder).get(host) ?? {});
  let current: SeenLimits = {};
  return {
    seen: () => ({ ...before, ...present(current) }),
    note: (limits) => {
      const isNew = WRITES.some((sort) => limits[sort] !== undefined && limits[sort] !== current[sort]);
      current = limits;
      if (isNew && folder !== undefined) write(folder, host, { ...before, ...present(limits) });
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
  for (const [host, limits] of Object.entries(fields(fields(content)['hosts'])))
    hosts.set(host, valid(fields(limits)));
  return hosts;
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function valid(limits: Readonly<Record<string, unknown>>): Written {
  return Object.fromEntries(
    WRITES.flatMap((sort) => {
      const limit = limits[sort];
      const isLimit = typeof limit === 'number' && Number.isInteger(limit) && limit > 0 && limit <= HIGHEST;
      return isLimit ? [[sort, limit]] : [];
    }),
  );
}

function write(folder: StateFolder, host: string, limits: SeenLimits): void {
  const hosts = read(folder);
  hosts.delete(host);
  hosts.set(host, valid({ ...limits }));
  const kept = Object.fromEntries([...hosts].slice(-MOST_HOSTS));
  try {
    folder.write(FILE, [`${JSON.stringify({ hosts: kept }, undefined, 2)}\n`]);
  } catch {
    // A full disk or a read-only checkout: the next estimate is a more careful one.
  }
}
