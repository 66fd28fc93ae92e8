import { OperatorError } from '../diagnostics/operator-error.js';
import type { FlagReader } from '../launchdarkly/client.js';
import { type ProjectQuery, readProject } from '../launchdarkly/read/read-project.js';
import type { ScopePolicy } from '../reconcile/policy.js';
import { pruneRules } from '../reconcile/prune.js';
import {
  type DesiredScope,
  type LiveProject,
  type LiveState,
  type ScopeId,
  scopeKey,
} from '../reconcile/state.js';

/** A scope to read from LaunchDarkly. */
export interface ScopeToRead {
  readonly scope: ScopeId;
  readonly policy: ScopePolicy;
  readonly desired: DesiredScope;
  /** Flags that may have owned overrides, according to history. */
  readonly onceDeclared: ReadonlySet<string>;
  /** Whether any other flag may have owned overrides too, because the scope was never applied. */
  readonly mayOwnAny: boolean;
  /** Whether every flag is wanted, whatever the prune mode needs. */
  readonly everyFlag?: boolean;
  /** Whether only its last-applied ref or an attempt names it. It may have been deleted in LaunchDarkly, which is not an error then. */
  readonly onlyApplied: boolean;
}

/** The live state, and the scopes that no longer exist in LaunchDarkly. */
export interface LiveReading {
  readonly live: LiveState;
  readonly gone: readonly ScopeId[];
}

/**
 * Reads every project once, for all of its scopes.
 * @throws OperatorError, among others `unknown-project` and `unknown-environment` for a scope that is declared or configured
 */
export async function readLive(reader: FlagReader, scopes: readonly ScopeToRead[]): Promise<LiveReading> {
  const read = await Promise.all(
    [...groupByProject(scopes)].map(([project, members]) => readExisting(reader, project, members)),
  );
  return {
    live: new Map(read.flatMap(({ live }) => live)),
    gone: read.flatMap(({ gone }) => gone),
  };
}

/** The warning for a scope that was applied and no longer exists. Its ref stays, since the scope may only be hidden. */
export function goneWarning(scope: ScopeId): string {
  const remedy = 'to forget it, delete its refs below refs/flagops here and on the remote (see docs/refs.md)';
  return `${scopeKey(scope)} was applied before and no longer exists in LaunchDarkly: ${remedy}`;
}

async function readExisting(
  reader: FlagReader,
  project: string,
  members: readonly ScopeToRead[],
): Promise<{ readonly live: readonly [string, LiveProject][]; readonly gone: readonly ScopeId[] }> {
  try {
    return { live: [[project, await readMembers(reader, project, members)]], gone: [] };
  } catch (error) {
    if (!isUnknownName(error)) throw error;
    const gone = new Set<ScopeToRead>();
    for (const member of members) if (member.onlyApplied && (await isGone(reader, member))) gone.add(member);
    if (gone.size === 0) throw error;
    const left = members.filter((member) => !gone.has(member));
    return {
      live: left.length === 0 ? [] : [[project, await readMembers(reader, project, left)]],
      gone: [...gone].map(({ scope }) => scope),
    };
  }
}

async function isGone(reader: FlagReader, { scope }: ScopeToRead): Promise<boolean> {
  try {
    await reader.listFlags(scope.project, [scope.environment], 'live');
    return false;
  } catch (error) {
    if (isUnknownName(error)) return true;
    throw error;
  }
}

function isUnknownName(error: unknown): boolean {
  return (
    error instanceof OperatorError &&
    (error.code === 'unknown-project' || error.code === 'unknown-environment')
  );
}

async function readMembers(
  reader: FlagReader,
  project: string,
  members: readonly ScopeToRead[],
): Promise<LiveProject> {
  const declared = new Set(members.flatMap(({ desired }) => [...flagsOf(desired)]));
  const onceDeclared = members
    .filter(({ policy }) => pruneRules(policy.prune).reads !== 'declared')
    .flatMap((member) => [...member.onceDeclared]);
  const query: ProjectQuery = {
    project,
    environments: members.map(({ scope }) => scope.environment),
    needed: new Set([...declared, ...onceDeclared]),
    all: members.some(needsEveryFlag),
    contextKinds: members.some(({ desired }) => hasOtherKinds(desired)),
  };
  const live = await readProject(reader, query);
  const hasUnknownFlag = [...declared].some((flag) => live.missing.has(flag));
  if (live.complete || !hasUnknownFlag) return live;
  // A declared flag does not exist, which will be an error. With all flags read, it can name the nearest one.
  const { flags } = await readProject(reader, {
    ...query,
    needed: new Set(),
    all: true,
    contextKinds: false,
  });
  return { ...live, flags: new Map([...live.flags, ...flags]) };
}

function needsEveryFlag({ policy, mayOwnAny, everyFlag = false }: ScopeToRead): boolean {
  if (everyFlag) return true;
  const { reads } = pruneRules(policy.prune);
  return reads === 'all' || (reads === 'ours' && mayOwnAny);
}

function groupByProject(scopes: readonly ScopeToRead[]): Map<string, ScopeToRead[]> {
  const projects = new Map<string, ScopeToRead[]>();
  for (const scope of scopes) {
    const members = projects.get(scope.scope.project) ?? [];
    members.push(scope);
    projects.set(scope.scope.project, members);
  }
  return projects;
}

function flagsOf(desired: DesiredScope): Set<string> {
  const flags = new Set<string>();
  for (const override of desired.overrides.values()) flags.add(override.flag);
  return flags;
}

function hasOtherKinds(desired: DesiredScope): boolean {
  for (const override of desired.overrides.values()) if (override.kind !== 'user') return true;
  return false;
}
