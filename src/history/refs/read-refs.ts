import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { OperatorError } from '../../diagnostics/operator-error.js';
import { shortId } from '../../reconcile/commit.js';
import { type Commit, type ScopeId, scopeKey } from '../../reconcile/state.js';
import { asCommit, readCommits } from '../git/commits.js';
import { GitFailure, mustRun } from '../git/git.js';
import type { Repository } from '../git/repository.js';
import { type AttemptContent, decodeAttempt } from './attempt.js';
import { attemptsPrefix, decodeScope, lastAppliedPrefix, REFS } from './ref-name.js';

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
  const refs = await readRefs(repo, Object.values(prefixes));
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
  for (const [ref, id] of applied) checkApplied(ref, id, objects.get(id));
  const commits = await readCommits(repo.git, [...new Set(applied.map(([, id]) => id))]);
  const lastApplied = new Map<string, LastApplied>();
  for (const [ref, id] of applied) {
    const scope = decodeScope(ref.slice(prefixes.applied.length));
    const commit = commits.get(id);
    if (commit !== undefined) lastApplied.set(scopeKey(scope), { scope, commit: asCommit(commit) });
  }
  const attempts = new Map<string, Attempt[]>();
  for (const [ref, tag] of attempted) {
    const scope = decodeScope(ref.slice(prefixes.attempts.length));
    const content = attemptIn(ref, objects.get(tag), objects.get(`${tag}^{commit}`));
    const known = attempts.get(scopeKey(scope)) ?? [];
    attempts.set(scopeKey(scope), [...known, { ...content, scope, ref, tag }]);
  }
  return { lastApplied, attempts };
}

/**
 * Lists refs with the ids that they point to.
 * @param patterns prefixes that end with a slash, or whole names
 * @throws OperatorError `ref-broken` for a ref that git cannot resolve, which git itself would leave out
 */
export async function readRefs(repo: Repository, patterns: readonly string[]): Promise<Map<string, string>> {
  const first = await listRefs(repo, patterns);
  if (first.unlisted.length === 0) return first.refs;
  // Another process may have created or deleted refs between the two steps of listing. A broken ref stays as it is.
  const second = await listRefs(repo, patterns);
  const broken = second.unlisted.find((ref) => first.unlisted.includes(ref));
  if (broken === undefined) return second.refs;
  throw new OperatorError('ref-broken', `git cannot read ${broken}: it is empty, damaged or dangling`, {
    hint: `delete the file ${join(repo.refsFolder, broken.slice(REFS.length + 1))} and run again: the ref is fetched from the remote`,
  });
}

/** Lists refs, and those among them that git leaves out of the list because it cannot resolve them. */
async function listRefs(
  repo: Repository,
  patterns: readonly string[],
): Promise<{ readonly refs: Map<string, string>; readonly unlisted: readonly string[] }> {
  const refs = new Map<string, string>();
  let warnings = '';
  const args = ['for-each-ref', '--format=%(objectname) %(refname) %(symref)', '--', ...patterns];
  const output = await mustRun(repo.git, args, { onStderr: (text) => (warnings += text) });
  for (const line of output.toString('utf8').split('\n')) {
    const [id, ref, target] = line.split(' ');
    if (id === undefined || ref === undefined) continue;
    if (target !== undefined && target !== '') throw brokenRef(ref, `is a symbolic ref to ${target}`);
    refs.set(ref, id);
  }
  const named = warnings.match(/(?<=\s)refs\/\S+/g) ?? [];
  const isAsked = (ref: string): boolean =>
    patterns.some((pattern) => ref === pattern || (pattern.endsWith('/') && ref.startsWith(pattern)));
  const files = await Promise.all(patterns.map((pattern) => filesBelow(repo, pattern)));
  const unlisted = [...named, ...files.flat()].filter((ref) => isAsked(ref) && !refs.has(ref));
  return { refs, unlisted };
}

/**
 * The refs that are files in git's folder. `git for-each-ref` warns of a damaged ref, but says nothing about a symbolic
 * ref whose target does not exist.
 */
async function filesBelow({ refsFolder }: Repository, pattern: string): Promise<string[]> {
  const folder = join(refsFolder, pattern.slice(REFS.length + 1));
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && !entry.name.endsWith('.lock'))
      .map((entry) => relative(refsFolder, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .map((path) => `${REFS}/${path}`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Without the folder there is no such file. The name of a whole ref is not a folder.
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new OperatorError('ref-broken', `the refs in ${folder} cannot be read: ${code ?? String(error)}`, {
      hint: 'check who may read this folder',
      cause: error,
    });
  }
}

interface GitObject {
  readonly type: string;
  readonly content: string;
}

/** Reads objects by any name that git understands; those that do not exist are missing. */
async function readObjects(repo: Repository, names: readonly string[]): Promise<Map<string, GitObject>> {
  const objects = new Map<string, GitObject>();
  const distinct = [...new Set(names)];
  if (distinct.length === 0) return objects;
  const input = distinct.map((name) => `${name}\n`).join('');
  const output = await mustRun(repo.git, ['cat-file', '--batch'], { input });
  let start = 0;
  for (const name of distinct) {
    const end = output.indexOf('\n', start);
    const header = output.toString('utf8', start, end);
    start = end + 1;
    const [, type, size] = /^[0-9a-f]+ (commit|tag|tree|blob) (\d+)$/.exec(header) ?? [];
    if (type === undefined) continue;
    const content = output.toString('utf8', start, start + Number(size));
    objects.set(name, { type, content });
    start += Number(size) + 1;
  }
  return objects;
}

function checkApplied(ref: string, id: string, object: GitObject | undefined): void {
  if (object?.type === 'commit') return;
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
  const content = decodeAttempt(tag.content);
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
