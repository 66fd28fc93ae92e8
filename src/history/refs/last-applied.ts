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
  // Refs for a LaunchDarkly on this machine exist only in this clone. They must stay even if fetch.prune is set.
  '--no-prune',
  '--no-recurse-submodules',
  '--no-write-fetch-head',
  '--no-auto-maintenance',
] as const;

/** How often a fetch is tried while other processes move the same refs. Each try finds fewer refs left to move. */
const MAX_TRIES = 10;

/**
 * Fetches the last-applied refs from the remote that `upstreamRemote` chooses. They replace those of this clone.
 * Without a remote there is nothing to do.
 *
 * @param timeout in milliseconds, if shorter than the default
 * @returns why it failed, without credentials; undefined on success
 */
export async function fetchLastApplied(
  repo: Repository,
  timeout = Number.POSITIVE_INFINITY,
): Promise<OperatorError | undefined> {
  const upstream = await upstreamRemote(repo);
  if (upstream === undefined) return undefined;
  if (upstream.type === 'ambiguous') {
    return unfetched(`: ${upstream.reason}`, 'run git branch --set-upstream-to');
  }
  const remote = upstream.name;
  const until = performance.now() + timeout;
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

/** Whether another process was moving the same refs of this clone, as happens when several shards start together. */
function isContended(error: unknown): boolean {
  return error instanceof GitFailure && /cannot lock ref/.test(error.message);
}

function unfetched(reason: string, remedy: string, cause?: unknown): OperatorError {
  return new OperatorError('last-applied-unfetched', `the last-applied refs could not be fetched${reason}`, {
    hint: `${remedy}; --offline uses the refs that this clone has`,
    cause,
  });
}

/**
 * Reads the last-applied commits of one configuration from the refs of this clone.
 *
 * @param host LaunchDarkly's host, with its port if it has one
 * @param name the configuration's name
 * @returns by `scopeKey`
 * @throws OperatorError if a ref points to a commit that this clone does not have
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

/** The result of recording. */
export interface Recorded {
  readonly pushed: boolean;
  /** Why the refs were moved in this clone but not on the remote. One line. */
  readonly warning?: string;
}

/**
 * Moves the last-applied refs of the given scopes to HEAD, all or none of them, and pushes them to the remote that they
 * are fetched from, unless another run has moved them there. Refs for a LaunchDarkly on this machine are not pushed.
 *
 * @param options.push whether to push at all
 * @param options.timeout for the remote, in milliseconds, if shorter than the default
 * @throws OperatorError if the refs could not be moved in this clone; then nothing is pushed
 */
export async function recordLastApplied(
  repo: Repository,
  host: string,
  name: string,
  scopes: readonly ScopeId[],
  options: { readonly push: boolean; readonly timeout?: number },
): Promise<Recorded> {
  const head = repo.head;
  if (head === undefined || scopes.length === 0) return { pushed: false };
  const prefix = lastAppliedPrefix(host, name);
  const refs = scopes.map(
    ({ project, environment }) => `${prefix}${encodeRefPart(project)}/${encodeRefPart(environment)}`,
  );
  const commands = refs.map((ref) => `update ${ref}\0${head.id}\0\0`).join('');
  let before: ReadonlyMap<string, string>;
  try {
    before = await readRefs(repo, prefix);
    await repo.git.run(['update-ref', '--no-deref', '-z', '--stdin'], { input: commands });
  } catch (error) {
    throw new OperatorError(
      'not-recorded',
      `the last-applied refs could not be moved to HEAD: ${gitMessage(error)}`,
      { cause: error },
    );
  }
  if (!options.push || isLoopback(host)) return { pushed: false };
  return pushRefs(repo, head.id, new Map(refs.map((ref) => [ref, before.get(ref)])), options.timeout);
}

async function readRefs(repo: Repository, prefix: string): Promise<Map<string, string>> {
  const output = await mustRun(repo.git, ['for-each-ref', '--format=%(objectname) %(refname)', '--', prefix]);
  const refs = new Map<string, string>();
  for (const line of output.toString('utf8').split('\n')) {
    const [id, ref] = line.split(' ');
    // A ref without exactly a project and an environment was not written by flagops.
    if (id !== undefined && ref?.slice(prefix.length).split('/').length === 2) refs.set(ref, id);
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
      `${ref} points to ${shortId(id)}, a commit that this clone does not have`,
      {
        hint: `fetch the whole history (fetch-depth: 0), or remove the ref with git update-ref -d ${ref}`,
      },
    );
  }
}
