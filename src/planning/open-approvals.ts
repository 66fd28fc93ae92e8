import type { Config } from '../config/config.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { existingCommits } from '../history/git/commits.js';
import type { Git } from '../history/git/git.js';
import { canonical } from '../json/json.js';
import type { FlagReader } from '../launchdarkly/client.js';
import { approvalMarker, type OpenApprovalRequest, plannedApprovals } from '../reconcile/approvals.js';
import { type Change, compareText, type PlannedApproval, type Plan } from '../reconcile/plan.js';
import { parseOverrideKey, type ScopeId, scopeKey } from '../reconcile/state.js';
import { type Histories, historyOf } from './scope-histories.js';
import type { ManagedScope } from './scopes.js';

/** A flag in one environment whose approval requests are read. */
type Place = ScopeId & { readonly flag: string };

/** The open requests of a flag, or one line that says why they are not known. */
type Reading = { readonly requests: readonly OpenApprovalRequest[] } | { readonly failure: string };

/** Readings by `placeKey`. */
type Readings = ReadonlyMap<string, Reading>;

/** The most flags whose requests a plan reads, each with a request of its own. An apply reads those that it needs. */
const MAX_FLAGS = 100;

const UNREAD: Reading = {
  failure: `more than ${MAX_FLAGS} flags may have approval requests, and those of the others are not shown`,
};

/**
 * Reads the approval requests of the flags that an attempt declares differently than the files do: they may still be
 * open, and become live when they are applied. Call it before live is read: otherwise a request that is applied in
 * between would be seen neither as open nor as live.
 */
export function readAttemptedRequests(
  reader: FlagReader,
  scopes: readonly ManagedScope[],
  histories: Histories,
): Promise<Readings> {
  const places = requesting(scopes).flatMap((scope) => attemptedPlaces(scope, histories));
  return readRequests(reader, places, new Map());
}

/** Where to look for approval requests. */
interface ApprovalContext {
  readonly reader: FlagReader;
  readonly config: Config;
  /** Undefined outside git. */
  readonly git: Git | undefined;
  readonly scopes: readonly ManagedScope[];
  /** As `readAttemptedRequests` returns them. */
  readonly attempted: Readings;
}

/** A plan with the approval requests that concern it. */
interface ApprovalReading {
  readonly plan: Plan;
  /** Keys of the scopes in which requests of ours are open, or may be. */
  readonly waiting: ReadonlySet<string>;
}

/**
 * Adds to a plan the approval requests that were not applied yet, in scopes where approvals are requested. If they cannot
 * be read, the plan gets a warning.
 * @throws OperatorError, unless LaunchDarkly refuses to show them
 */
export async function readApprovals(plan: Plan, context: ApprovalContext): Promise<ApprovalReading> {
  const { reader, config, git, attempted } = context;
  const keys = new Set(requesting(context.scopes).map(({ scope }) => scopeKey(scope)));
  const all = changesByPlace(plan.changes.filter((change) => keys.has(scopeKey(change))));
  const needed = [...all.values()].flatMap((changes) => changes.filter(isWanted).slice(0, 1));
  const readings = await readRequests(reader, needed, attempted);
  const descriptions = [...readings.values()].flatMap((reading) =>
    'requests' in reading ? reading.requests.map(({ description }) => description) : [],
  );
  const commits = descriptions.flatMap((description) => approvalMarker(description)?.commit ?? []);
  const known = git === undefined ? new Set<string>() : await existingCommits(git, commits);
  const approvals: PlannedApproval[] = [];
  const failures = new Set<string>();
  const waiting = new Set<string>();
  for (const [key, reading] of readings) {
    const place = parsePlaceKey(key);
    if (!keys.has(scopeKey(place))) continue;
    if ('failure' in reading) {
      failures.add(reading.failure);
      waiting.add(scopeKey(place));
      continue;
    }
    const changes = all.get(key) ?? [];
    const wanted = {
      changes: changes.filter(isWanted),
      all: changes,
      isPartial: plan.filtered > 0,
      name: config.name,
    };
    const found = plannedApprovals(place, wanted, reading.requests, (id) => known.has(id));
    if (found.length > 0) waiting.add(scopeKey(place));
    approvals.push(...found);
  }
  return {
    plan: {
      ...plan,
      warnings: [...plan.warnings, ...failures],
      ...(approvals.length === 0 ? {} : { approvals: approvals.toSorted(compareApprovals) }),
    },
    waiting,
  };
}

function requesting(scopes: readonly ManagedScope[]): readonly ManagedScope[] {
  return scopes.filter(({ policy }) => policy.approvals === 'request');
}

function isWanted({ withheld }: Change): boolean {
  return withheld === undefined;
}

/** The flags that an attempt declares differently than the files do. */
function attemptedPlaces({ scope, desired }: ManagedScope, histories: Histories): readonly Place[] {
  const places: Place[] = [];
  for (const { declared } of historyOf(histories, scopeKey(scope)).attempts) {
    for (const [key, setting] of declared) {
      const now = desired.overrides.get(key)?.setting;
      if (now === undefined || canonical({ ...now }) !== canonical({ ...setting })) {
        places.push({ ...scope, flag: parseOverrideKey(key).flag });
      }
    }
  }
  return places;
}

function changesByPlace(changes: readonly Change[]): ReadonlyMap<string, readonly Change[]> {
  const places = new Map<string, Change[]>();
  for (const change of changes) {
    const key = placeKey(change);
    const ofPlace = places.get(key);
    if (ofPlace === undefined) places.set(key, [change]);
    else ofPlace.push(change);
  }
  return places;
}

/** Keys of projects and environments cannot contain a slash. */
function placeKey({ project, environment, flag }: Place): string {
  return `${project}/${environment}/${flag}`;
}

function parsePlaceKey(key: string): Place {
  const [project = '', environment = '', ...flag] = key.split('/');
  return { project, environment, flag: flag.join('/') };
}

/** Adds the requests of more places to what was already read. */
async function readRequests(
  reader: FlagReader,
  places: readonly Place[],
  already: Readings,
): Promise<Readings> {
  const missing = [...new Set(places.map(placeKey))].filter((key) => !already.has(key));
  const free = Math.max(0, MAX_FLAGS - already.size);
  const read = await Promise.all(
    missing.map(async (key, index): Promise<[string, Reading]> => {
      return [key, index < free ? await readPlace(reader, parsePlaceKey(key)) : UNREAD];
    }),
  );
  return new Map([...already, ...read]);
}

async function readPlace(reader: FlagReader, place: Place): Promise<Reading> {
  try {
    return { requests: await reader.listApprovalRequests(place, place.flag) };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    // A flag or environment that no longer exists has no requests.
    if (error.code === 'not-found') return { requests: [] };
    if (error.code !== 'missing-permission') throw error;
    return { failure: `approval requests cannot be read: ${error.message}` };
  }
}

function compareApprovals(a: PlannedApproval, b: PlannedApproval): number {
  return compareText(placeKey(a), placeKey(b)) || compareText(a.id, b.id);
}
