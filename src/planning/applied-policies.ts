import { DEFAULT_POLICY, policyOf } from '../config/config.js';
import { rememberingParser } from '../declare/cache/remembered-config.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { isAncestor } from '../history/git/ancestry.js';
import { findCommit } from '../history/git/commits.js';
import type { Repository } from '../history/git/repository.js';
import type { OtherApplied } from '../history/refs/other-names.js';
import type { AppliedPolicy } from '../reconcile/build.js';
import { shortId } from '../reconcile/commit.js';
import {
  type Loosening,
  loosenedKeys,
  loosenedScopes,
  type ScopeList,
} from '../reconcile/guards/loosening.js';
import type { ScopePolicy } from '../reconcile/policy.js';
import { type Commit, type ScopeId, scopeKey } from '../reconcile/state.js';
import { type AppliedConfiguration, AppliedConfigurations, searchedPaths } from './applied-configuration.js';
import type { GitState } from './git-state.js';
import type { Declared } from './read-declarations.js';
import type { CoveredScope } from './scopes.js';

/** What the configurations that were last applied say about the scopes of a plan. */
export interface AppliedPolicies {
  /** By scope key, for the scopes that may be changed and were applied before. */
  readonly policies: ReadonlyMap<string, AppliedPolicy>;
  /** What HEAD's configuration allows that they do not. */
  readonly loosened: readonly Loosening[];
  readonly warnings: readonly string[];
}

/**
 * Reads the configuration that was in force when each scope was last applied. A pull request can edit, move and rename
 * the configuration in HEAD, but not the one in a commit that was applied.
 *
 * @param run.folder the working directory relative to the root, with `/`; undefined if `--config` names the
 *   configuration, which the repository cannot change
 * @throws OperatorError `last-applied-missing` if a ref points to a commit that this clone does not have
 */
export async function readAppliedPolicies(
  { git, lastApplied, otherNames }: GitState,
  covered: readonly CoveredScope[],
  { config, cache, workspace: { configPath } }: Declared,
  run: { readonly folder: string | undefined },
): Promise<AppliedPolicies> {
  if (git === undefined) return { policies: new Map(), loosened: [], warnings: [] };
  const paths = run.folder === undefined ? [configPath] : searchedPaths(run.folder);
  const configurations = new AppliedConfigurations(git.limited.git, paths, rememberingParser(cache));
  const applied: AppliedScope[] = [];
  try {
    for (const { scope, policy } of covered) {
      const key = scopeKey(scope);
      const own = lastApplied.get(key)?.commit;
      const others = policy === undefined ? [] : (otherNames.get(key) ?? []);
      const other = await newest(git.limited, others, own, (id) =>
        configurations.wouldUse(id, configPath, config.name),
      );
      const commit = other?.commit ?? own;
      if (commit === undefined) continue;
      const found = await configurations.of(commit.id, other?.name ?? config.name, scope);
      const moved = other === undefined ? movedFrom(found, configPath, commit) : renamed(other, config.name);
      applied.push({ scope, policy, commit, found, moved });
    }
  } finally {
    configurations.close();
  }
  const coveredKeys = new Set(covered.map(({ scope }) => scopeKey(scope)));
  const listed = config.scopes?.filter((scope) => coveredKeys.has(scopeKey(scope)));
  return {
    policies: new Map(
      applied.flatMap(({ scope, policy, commit, found, moved }) =>
        policy === undefined
          ? []
          : [[scopeKey(scope), { commit, policy: policyIn(found, scope) ?? DEFAULT_POLICY, moved }]],
      ),
    ),
    loosened: [...loosenedScopes(applied.flatMap(scopeList), listed), ...applied.flatMap(loosened)],
    warnings: [...new Set(applied.flatMap(unreadable))],
  };
}

/** A scope that was applied before, with the configuration that applied it. */
interface AppliedScope {
  readonly scope: ScopeId;
  /** HEAD's policy; undefined if HEAD's configuration does not list the scope. */
  readonly policy: ScopePolicy | undefined;
  readonly commit: Commit;
  readonly found: AppliedConfiguration;
  readonly moved: string | undefined;
}

function scopeList({ scope, policy, commit, found, moved }: AppliedScope): ScopeList[] {
  if (policy === undefined || moved !== undefined || found.type !== 'read') return [];
  return [{ scopes: found.config.scopes, appliedTo: scope, commit }];
}

function loosened({ scope, policy, commit, found, moved }: AppliedScope): Loosening[] {
  const before = policyIn(found, scope);
  if (policy !== undefined) return loosenedKeys(scope, before ?? DEFAULT_POLICY, policy, commit);
  // If the configuration moved, another one may well list the scope now.
  if (moved !== undefined || before === undefined) return [];
  const { project, environment } = scope;
  return [
    { project, environment, key: 'scopes', before: 'listed', after: 'not listed', lastApplied: commit },
  ];
}

function unreadable({ policy, commit, found }: AppliedScope): string[] {
  if (policy === undefined || found.type !== 'unreadable') return [];
  return [
    `in the last applied commit ${shortId(commit.id)}, ${found.path} cannot be read: the default limits and protections count in its place`,
  ];
}

/** The policy of a scope, with the defaults instead of a configuration that cannot be read; undefined if not listed. */
function policyIn(found: AppliedConfiguration, scope: ScopeId): AppliedPolicy['policy'] | undefined {
  return found.type === 'read' ? policyOf(found.config, scope) : DEFAULT_POLICY;
}

interface AppliedElsewhere {
  readonly name: string;
  readonly commit: Commit;
}

/**
 * What was applied under another name. If the scope was applied under the own name too, there are two cases in which the
 * other name is not that of the same configuration: it was applied earlier, so the configuration was renamed in between,
 * which `--allow-loosened` allowed; or a run like this one would have used the same configuration then, so the other
 * name belongs to another one, which shares the scope.
 * @param isUnmoved whether a run like this one would have used the same configuration in a commit
 */
async function newest(
  repository: Repository,
  others: readonly OtherApplied[],
  own: Commit | undefined,
  isUnmoved: (commit: string) => Promise<boolean>,
): Promise<AppliedElsewhere | undefined> {
  for (const { name, id, ref } of others) {
    const commit = await commitAt(repository, id, ref);
    const isOlder = own !== undefined && own.id !== id && (await isAncestor(repository.git, id, own.id));
    const isElse = own !== undefined && !isOlder && (await isUnmoved(id));
    if (!isOlder && !isElse) return { name, commit };
  }
  return undefined;
}

async function commitAt({ git }: Repository, id: string, ref: string): Promise<Commit> {
  const commit = await findCommit(git, id);
  if (commit !== undefined) return commit;
  throw new OperatorError(
    'last-applied-missing',
    `${ref} points to ${shortId(id)}, a commit that this clone does not have`,
    { hint: `fetch the whole history (fetch-depth: 0), or remove the ref with git update-ref -d ${ref}` },
  );
}

function renamed({ name, commit }: AppliedElsewhere, now: string): string {
  return `it was last applied by the configuration named ${quoted(name)} (${shortId(commit.id)}), and this one is named ${quoted(now)}`;
}

function movedFrom(found: AppliedConfiguration, configPath: string, commit: Commit): string | undefined {
  const then = `when it was last applied (${shortId(commit.id)})`;
  if (found.type === 'none') return undefined;
  if (found.type === 'lost')
    return `${then}, the configuration was not ${configPath}, or it had another name`;
  return found.path === configPath
    ? undefined
    : `${then}, the configuration was ${found.path}, and now it is ${configPath}`;
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
