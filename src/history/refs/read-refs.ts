import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { OperatorError } from '../../diagnostics/operator-error.js';
import { shortId } from '../../reconcile/commit.js';
import { type Commit, type ScopeId, scopeKey } from '../../reconcile/state.js';
import { commitIn } from '../git/commits.js';
import { GitFailure, mustRun } from '../git/git.js';
import { type GitObject, objectsOf } from '../git/object-reader.js';
import type { Repository } from '../git/repository.js';
import { type AttemptContent, decodeAttempt } from './attempt.js';
import { type OtherApplied, otherNamesIn } from './other-names.js';
import { appliedPrefix, attemptsPrefix, decodeScope, lastAppliedPrefix, REFS } from './ref-name.js';

/** What was last applied to one scope. */
export interface LastApplied {
  readonly scope: ScopeId;
  readonly commit: Commit;
}

/** An apply that started to write to one scope, and that no later apply has made obsolete yet. */
export interface Attempt extends AttemptContent {
  readonly scope: ScopeId;
  readonly ref: string;
  /** Id of the tag. */
  readonly tag: string;
}

/** What the refs of one configuration say, by `scopeKey`. */
export interface RecordedState {
  readonly lastApplied: ReadonlyMap<string, LastApplied>;
  readonly attempts: ReadonlyMap<string, readonly Attempt[]>;
  /** What configurations with other names applied to the same host. */
  readonly otherNames: ReadonlyMap<string, readonly OtherApplied[]>;
}

/**
 * Reads the last-applied commits and the attempts of one configuration from the refs of this clone.
 *
 * @param host LaunchDarkly's host, with its port if it has one
 * @param name the configuration's name
 * @throws OperatorError `ref-broken`, `last-applied-missing` or `attempt-unreadable` if a ref cannot be read: to ignore
 *   it would mean to forget what was applied
 */
export async function readRecordedState(
  repo: Repository,
  host: string,
  name: string,
): Promise<RecordedState> {
  const prefixes = { applied: lastAppliedPrefix(host, name), attempts: attemptsPrefix(host, name) };
  // One process lists all of them.
  const refs = await readRefs(repo, [appliedPrefix(host), prefixes.attempts]);
  // A ref with another number of parts was not written by flagops.
  const below = (prefix: string, parts: number): [string, string][] =>
    [...refs].filter(
      ([ref]) => ref.startsWith(prefix) && ref.slice(prefix.length).split('/').length === parts,
    );
  const applied = below(prefixes.applied, 2);
  const attempted = below(prefixes.attempts, 3);
  const objects = await readObjects(repo, [
    ...applied.map(([, id]) => id),
    ...attempted.flatMap(([, id]) => [id, `${id}^{commit}`]),
  ]);
  const lastApplied = new Map<string, LastApplied>();
  for (const [ref, id] of applied) {
    const commit = appliedIn(ref, id, objects.get(id));
    const scope = decodeScope(ref.slice(prefixes.applied.length));
    lastApplied.set(scopeKey(scope), { scope, commit: await commitIn(repo.git, commit) });
  }
  const attempts = new Map<string, Attempt[]>();
  for (const [ref, tag] of attempted) {
    const scope = decodeScope(ref.slice(prefixes.attempts.length));
    const content = attemptIn(ref, objects.get(tag), objects.get(`${tag}^{commit}`));
    const known = attempts.get(scopeKey(scope)) ?? [];
    attempts.set(scopeKey(scope), [...known, { ...content, scope, ref, tag }]);
  }
  return { lastApplied, attempts, otherNames: otherNamesIn(refs, host, name) };
}

/**
 * Lists refs with the ids that they point to.
 * @param patterns prefixes that end with a slash, or whole names
 * @throws OperatorError `ref-broken` for a ref that git cannot resolve, which git itself would leave out
 */
export async function readRefs(repo: Repository, patterns: readonly string[]): Promise<Map<string, string>> {
  const first = await listRefs(repo, patterns);
  if (first.unlisted.size === 0) return first.refs;
  // Another process may have created or deleted refs between the two steps of listing. A broken ref stays as it is.
  const second = await listRefs(repo, patterns);
  const broken = [...second.unlisted].find(([ref]) => first.unlisted.has(ref));
  if (broken === undefined) return second.refs;
  const [ref, place] = broken;
  throw new OperatorError('ref-broken', `git cannot read ${ref}: it is empty, damaged or dangling`, {
    hint: `delete ${place} and run again: the ref is fetched from the remote`,
  });
}

/** Lists refs, and those that git leaves out of the list because it cannot resolve them, each with where it is. */
async function listRefs(
  repo: Repository,
  patterns: readonly string[],
): Promise<{ readonly refs: Map<string, string>; readonly unlisted: ReadonlyMap<string, string> }> {
  const refs = new Map<string, string>();
  const args = ['for-each-ref', '--format=%(objectname) %(refname) %(symref)', '--', ...patterns];
  for (const line of (await mustRun(repo.git, args)).toString('utf8').split('\n')) {
    const [id, ref, target] = line.split(' ');
    if (id === undefined || ref === undefined) continue;
    if (target !== undefined && target !== '') throw brokenRef(ref, `is a symbolic ref to ${target}`);
    refs.set(ref, id);
  }
  const unlisted = new Map<string, string>();
  for (const [ref, place] of await refsOnDisk(repo.refsFolder)) {
    const isAsked = patterns.some((pattern) =>
      pattern.endsWith('/') ? ref.startsWith(pattern) : ref === pattern,
    );
    if (isAsked && !refs.has(ref)) unlisted.set(ref, place);
  }
  return { refs, unlisted };
}

/**
 * The names of flagops' refs in git's folder, readable or not, each with where it is. Git itself only warns of a damaged
 * ref, and says nothing about a symbolic ref to nothing or a damaged line of `packed-refs`.
 */
async function refsOnDisk(refsFolder: string): Promise<Map<string, string>> {
  const places = new Map<string, string>();
  const packed = join(refsFolder, '..', '..', 'packed-refs');
  const lines = await orNone(readFile(packed, 'utf8'));
  for (const name of lines?.match(PACKED_REF) ?? []) places.set(name, `the line of ${name} in ${packed}`);
  const entries = await orNone(readdir(refsFolder, { recursive: true, withFileTypes: true }));
  for (const entry of entries ?? []) {
    // Git has locked the ref while it writes a file with this suffix.
    if (entry.isDirectory() || entry.name.endsWith('.lock')) continue;
    const path = join(entry.parentPath, entry.name);
    places.set(`${REFS}/${relative(refsFolder, path).split(sep).join('/')}`, `the file ${path}`);
  }
  return places;
}

const PACKED_REF = new RegExp(`(?<=\\s)${REFS}/\\S+$`, 'gm');

/** Undefined if there is no such file or folder, as before the first ref is written. */
async function orNone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new OperatorError('ref-broken', `git's refs cannot be read: ${code ?? ''} ${path ?? ''}`, {
      hint: 'check who may read this file',
      cause: error,
    });
  }
}

/** Reads objects by any name that git understands; those that do not exist are missing. */
async function readObjects(repo: Repository, names: readonly string[]): Promise<Map<string, GitObject>> {
  const reader = objectsOf(repo.git);
  const release = reader.hold();
  try {
    const objects = new Map<string, GitObject>();
    for (const name of new Set(names)) {
      const object = await reader.object(name);
      if (object !== undefined) objects.set(name, object);
    }
    return objects;
  } finally {
    release();
  }
}

function appliedIn(ref: string, id: string, object: GitObject | undefined): GitObject {
  if (object?.type === 'commit') return object;
  if (object !== undefined) throw brokenRef(ref, `points to a ${object.type}, not to a commit`);
  throw new OperatorError(
    'last-applied-missing',
    `${ref} points to ${shortId(id)}, a commit that this clone does not have`,
    { hint: `fetch the whole history (fetch-depth: 0), or remove the ref with git update-ref -d ${ref}` },
  );
}

function brokenRef(ref: string, fault: string): OperatorError {
  return new OperatorError('ref-broken', `${ref} ${fault}`, {
    hint: `git update-ref --no-deref -d ${ref} deletes it here; then run again: the ref is fetched from the remote`,
  });
}

function attemptIn(ref: string, tag: GitObject | undefined, commit: GitObject | undefined): AttemptContent {
  const fault = (text: string): OperatorError =>
    new OperatorError('attempt-unreadable', `${ref} ${text}`, {
      hint: `upgrade flagops if another process uses a newer one; otherwise delete the ref here and on the remote as docs/refs.md says`,
    });
  if (tag === undefined) throw fault('points to a tag that this clone does not have');
  if (tag.type !== 'tag') throw fault(`points to a ${tag.type}, not to an annotated tag`);
  const content = decodeAttempt(tag.content?.toString('utf8') ?? '');
  if ('fault' in content) throw fault(content.fault);
  if (commit?.type !== 'commit') throw fault('points to a commit that this clone does not have');
  return content;
}

/** Whether git cannot write refs because another process changed the same ones. */
export function isContended(error: unknown): boolean {
  return (
    error instanceof GitFailure &&
    /cannot lock ref/.test(error.message) &&
    !/reference broken/.test(error.message)
  );
}
