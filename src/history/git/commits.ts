import type { Commit } from '../../reconcile/state.js';
import { mustRun, splitNul, utf8, type Git } from './git.js';
import { type GitObject, objectsOf } from './object-reader.js';

/** For `git log --format`: id, parents, committer date, author and subject, separated by NUL. */
export const COMMIT_FORMAT = '%H%x00%P%x00%ct%x00%an%x00%s';

/** How many fields `COMMIT_FORMAT` has. */
export const COMMIT_FIELDS = 5;

/** A commit with its parents. */
export interface LinkedCommit extends Commit {
  /** Ids of its parents; none if a shallow clone is cut off here. A merge's first parent is the branch merged into. */
  readonly parents: readonly string[];
}

/** Parses the fields of `COMMIT_FORMAT`, as `splitNul` returns them. */
export function parseCommit(fields: readonly string[]): LinkedCommit {
  const [id = '', parents = '', seconds = '0', author = '', subject = ''] = fields;
  return {
    id,
    parents: parents === '' ? [] : parents.split(' '),
    date: Number(seconds) * 1000,
    author: utf8(author),
    subject: utf8(subject),
  };
}

/** The parts of a commit that plans show. */
export function asCommit({ id, subject, author, date }: Commit): Commit {
  return { id, subject, author, date };
}

const LOG = ['log', '-z', '--no-walk=unsorted', '--encoding=UTF-8', `--format=${COMMIT_FORMAT}`];

/**
 * Reads one commit.
 * @param revision anything that git accepts as a revision
 * @throws GitFailure if there is no such commit
 */
export async function readCommit(git: Git, revision: string): Promise<LinkedCommit> {
  return parseCommit(splitNul(await git.run([...LOG, revision, '--'])));
}

/** Reads commits by id; all must exist. */
export async function readCommits(git: Git, ids: readonly string[]): Promise<Map<string, LinkedCommit>> {
  const commits = new Map<string, LinkedCommit>();
  if (ids.length === 0) return commits;
  const fields = splitNul(await mustRun(git, [...LOG, '--stdin'], { input: `${ids.join('\n')}\n` }));
  for (let index = 0; index < fields.length; index += COMMIT_FIELDS) {
    const commit = parseCommit(fields.slice(index, index + COMMIT_FIELDS));
    commits.set(commit.id, commit);
  }
  return commits;
}

/** Which of some ids belong to commits that this clone has. */
export async function existingCommits(git: Git, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const input = `${ids.join('\n')}\n`;
  const output = await mustRun(git, ['cat-file', '--batch-check=%(objectname) %(objecttype)'], { input });
  const lines = output.toString('latin1').split('\n');
  return new Set(
    lines.flatMap((line) => (line.endsWith(' commit') ? [line.slice(0, -' commit'.length)] : [])),
  );
}

/**
 * Reads one commit through the reader that others hold, so that it needs no git process of its own.
 * @param name anything that git accepts as a revision
 * @returns undefined if there is no such commit
 */
export async function findCommit(git: Git, name: string): Promise<Commit | undefined> {
  const object = await objectsOf(git).object(name);
  return object?.type === 'commit' ? commitIn(git, object) : undefined;
}

/** The parts of a commit object that plans show. */
export async function commitIn(git: Git, object: GitObject): Promise<Commit> {
  const parsed = parseCommitObject(object);
  if (parsed !== undefined) return parsed;
  const commit = (await readCommits(git, [object.id])).get(object.id);
  return asCommit(commit ?? { id: object.id, subject: '', author: '', date: 0 });
}

const AUTHOR = /^author (?:(\S|\S[^<>\n]*\S) )?<[^<>\n]*> \d+ [+-]\d{4}$/m;
const COMMITTER = /^committer [^<>\n]*<[^<>\n]*> (\d+) [+-]\d{4}$/m;

/** Parses a commit object as `git log` does; undefined for one in another encoding or with unusual content. */
function parseCommitObject({ id, content }: GitObject): Commit | undefined {
  const text = content?.toString('latin1') ?? '';
  const end = text.indexOf('\n\n');
  const header = end < 0 ? text : text.slice(0, end + 1);
  const author = AUTHOR.exec(header);
  const committer = COMMITTER.exec(header);
  if (author === null || committer === null || /^encoding /m.test(header) || text.includes('\0'))
    return undefined;
  return {
    id,
    date: Number(committer[1]) * 1000,
    author: utf8(author[1] ?? ''),
    subject: utf8(end < 0 ? '' : subjectOf(text.slice(end + 2))),
  };
}

/** The lines of a message up to the first empty one, joined with spaces. */
function subjectOf(message: string): string {
  const lines = message.split('\n').map((line) => line.replace(/[ \t\r]+$/, ''));
  const start = lines.findIndex((line) => line !== '');
  if (start < 0) return '';
  const length = lines.slice(start).indexOf('');
  return lines.slice(start, length < 0 ? undefined : start + length).join(' ');
}
