import { OperatorError } from '../../diagnostics/operator-error.js';
import { shortId } from '../../reconcile/commit.js';
import { scopeKey, type Commit, type ScopeId } from '../../reconcile/state.js';
import { isLoopback } from '../../security/loopback.js';
import { asCommit, readCommits } from '../git/commits.js';
import { GitFailure, gitMessage, mustRun } from '../git/git.js';
import { isInterruption } from '../git/interruption.js';
import { pushRefs } from './push.js';
import { lastAppliedPrefix, decodeRefPart, encodeRefPart, REFS } from './ref-name.js';
import { callRemote, REMOTE_TIMEOUT, remoteFailure, remoteRemedy, upstreamRemote } from './remote.js';
import type { Repository } from '../git/repository.js';

/** What was last applied to one scope. */
export interface LastApplied {
  readonly scope: ScopeId;
  readonly commit: Commit;
}

const FETCH = [
  'fetch',
  '--quiet',
  '--no-tags',
  // A ref that is only here (of a LaunchDarkly on this machine) must stay, whatever fetch.prune says.
  '--no-prune',
  '--no-recurse-submodules',
  '--no-write-fetch-head',
  '--no-auto-maintenance',
] as const;

/** What another process moved is up to date the next time, so that each try has less to do. */
const MAX_TRIES = 10;

/**
 * Takes over the last-applied refs from the remote of the checked-out branch, from `origin` if it has none, or from
 * the only remote there is. Without a remote there is nothing to do.
 *
 * @param patience milliseconds after which the remote is given up, if that is sooner than usual
 * @returns why it failed, without credentials; undefined if all is well
 */
export async function fetchLastApplied(
  repo: Repository,
  patience = Number.POSITIVE_INFINITY,
): Promise<OperatorError | undefined> {
  const upstream = await upstreamRemote(repo);
  if (upstream === undefined) return undefined;
  if (upstream.type === 'ambiguous') {
    return unfetched(`: ${upstream.reason}`, 'run git branch --set-upstream-to');
  }
  const remote = upstream.name;
  const until = performance.now() + patience;
  for (let tries = 1; ; tries += 1) {
    try {
      const left = Math.max(0, until - performance.now());
      await callRemote(repo, remote, FETCH, [`+${REFS}/*:${REFS}/*`], Math.min(REMOTE_TIMEOUT, left));
      return undefined;
    } catch (error) {
      if (isInterruption(error)) throw error;
      if (tries < MAX_TRIES && isContended(error)) continue;
      return unfetched(remoteFailure(remote, error), remoteRemedy(repo, remote), error);
    }
  }
}

/** Whether another process was moving the same refs of this clone, as shards do that start together. */
function isContended(error: unknown): boolean {
  return error instanceof GitFailure && /cannot lock ref/.test(error.message);
}

function unfetched(reason: string, remedy: string, cause?: unknown): OperatorError {
  return new OperatorError('last-applied-unfetched', `the last-applied refs could not be fetched${reason}`, {
    hint: `${remedy}; --offline goes by the refs that this clone has`,
    cause,
  });
}

/**
 * The last-applied commits of one configuration, as this clone knows them.
 *
 * @param host LaunchDarkly's host, with the port if there is one
 * @param name the configuration's name
 * @returns by `scopeKey`
 * @throws OperatorError where a ref leads to a commit that this clone does not have
 */
export async function readLastApplied(
  repo: Repository,
  host: string,
  name: string,
): Promise<Map<string, LastApplied>> {
  const refs = await readRefs(repo, lastAppliedPrefix(host, name));
  await checkExist(repo, refs);
  const commits = await readCommits(repo.git, [...new Set(refs.values())]);
  const applied = new Map<string, LastApplied>();
  for (const [ref, id] of refs) {
    const [project, environment] = ref.split('/').slice(-2);
    const commit = commits.get(id);
    if (project === undefined || environment === undefined || commit === undefined) continue;
    const scope = { project: decodeRefPart(project), environment: decodeRefPart(environment) };
    applied.set(scopeKey(scope), { scope, commit: asCommit(commit) });
  }
  return applied;
}

/** What became of recording. */
export interface Recorded {
  readonly pushed: boolean;
  /** Why it is recorded here but not upstream. One line. */
  readonly warning?: string;
}

/**
 * Moves the last-applied refs of scopes to HEAD, all or none, and pushes them to the remote that they are fetched
 * from, unless somebody else moved them there since. Refs of a LaunchDarkly on this machine stay here.
 *
 * @param options.push whether the remote may be written to
 * @throws OperatorError where they could not be moved here; interrupted or not, then nothing is pushed
 * @param options.patience milliseconds after which the remote is given up, if that is sooner than usual
 */
export async function recordLastApplied(
  repo: Repository,
  host: string,
  name: string,
  scopes: readonly ScopeId[],
  options: { readonly push: boolean; readonly patience?: number },
): Promise<Recorded> {
  const head = repo.head;
  if (head === undefined || scopes.length === 0) return { pushed: false };
  const folder = lastAppliedPrefix(host, name);
  const refs = scopes.map(
    ({ project, environment }) => `${folder}${encodeRefPart(project)}/${encodeRefPart(environment)}`,
  );
  const commands = refs.map((ref) => `update ${ref}\0${head.id}\0\0`).join('');
  let before: ReadonlyMap<string, string>;
  try {
    before = await readRefs(repo, folder);
    await repo.git.run(['update-ref', '--no-deref', '-z', '--stdin'], { input: commands });
  } catch (error) {
    throw new OperatorError(
      'not-recorded',
      `the last-applied refs could not be moved to HEAD: ${gitMessage(error)}`,
      { cause: error },
    );
  }
  if (!options.push || isLoopback(host)) return { pushed: false };
  return pushRefs(repo, head.id, new Map(refs.map((ref) => [ref, before.get(ref)])), options.patience);
}

async function readRefs(repo: Repository, folder: string): Promise<Map<string, string>> {
  const output = await mustRun(repo.git, ['for-each-ref', '--format=%(objectname) %(refname)', '--', folder]);
  const refs = new Map<string, string>();
  for (const line of output.toString('utf8').split('\n')) {
    const [id, ref] = line.split(' ');
    // A ref that is no scope's was not written by flagops.
    if (id !== undefined && ref?.slice(folder.length).split('/').length === 2) refs.set(ref, id);
  }
  return refs;
}

async function checkExist(repo: Repository, refs: ReadonlyMap<string, string>): Promise<void> {
  if (refs.size === 0) return;
  const entries = [...refs];
  const input = entries.map(([, id]) => `${id}\n`).join('');
  const lines = (await mustRun(repo.git, ['cat-file', '--batch-check'], { input }))
    .toString('latin1')
    .split('\n');
  for (const [index, [ref, id]] of entries.entries()) {
    if (lines[index]?.split(' ')[1] === 'commit') continue;
    throw new OperatorError(
      'last-applied-missing',
      `${ref} leads to ${shortId(id)}, which is no commit of this clone`,
      {
        hint: `fetch the whole history (fetch-depth: 0), or remove the ref with git update-ref -d ${ref}`,
      },
    );
  }
}
