import { OperatorError } from '../../diagnostics/operator-error.js';
import { gitMessage, mustRun, splitNul } from './git.js';
import type { Repository } from './repository.js';
import { pathBytes } from './tree.js';

/** A file to commit; its path is relative to the root, with `/`. */
export interface CommittedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A commit that no branch has yet. */
export interface PreparedCommit {
  readonly id: string;
  readonly files: readonly (CommittedFile & { readonly mode: string; readonly blob: string })[];
  /** The commit that HEAD has to be at; undefined before the first one. */
  readonly parent: string | undefined;
}

/**
 * Creates a commit of these files on top of another one, without moving a branch. Everything else in it is as in its
 * parent, whatever is staged.
 *
 * `git commit` is not used: while it looks for changes, it runs the filters that the repository's configuration names,
 * and it runs hooks and a signing program. These commands only write objects.
 *
 * @param parent undefined for a commit without a parent
 * @throws OperatorError `commit-failed`, for example if git does not know who commits
 */
export async function prepareCommit(
  { git }: Pick<Repository, 'git'>,
  parent: string | undefined,
  files: readonly CommittedFile[],
  message: string,
): Promise<PreparedCommit> {
  const committed: PreparedCommit['files'][number][] = [];
  let tree = parent === undefined ? undefined : `${parent}^{tree}`;
  for (const file of files) {
    const blob = await answer(git.run(['hash-object', '-w', '--stdin'], { input: file.bytes }));
    const names = pathBytes(file.path).split('/');
    const mode = (tree && (await modeOf(git, tree, names))) ?? '100644';
    tree = await withFile(git, tree, names, `${mode} blob ${blob}`);
    committed.push({ ...file, mode, blob });
  }
  const parents = parent === undefined ? [] : ['-p', parent];
  const args = ['commit-tree', '--no-gpg-sign', tree ?? '', ...parents];
  const id = await answer(
    git.run(['-c', 'i18n.commitEncoding=UTF-8', ...args], { input: message, identity: true }),
  );
  return { id, files: committed, parent };
}

/**
 * Stages what prepared commits contain, and then moves the branch that is checked out to the last of them. In the other
 * order, a locked index would be left without the edits, and the next `git commit` would undo them.
 * @param commits each one is the parent of the next one; their files are written already
 * @throws OperatorError `commit-failed`, for example if the branch moved meanwhile; then it is not moved
 */
export async function moveToCommits(
  { git, objectFormat }: Pick<Repository, 'git' | 'objectFormat'>,
  commits: readonly PreparedCommit[],
): Promise<void> {
  const [first, last] = [commits[0], commits.at(-1)];
  if (first === undefined || last === undefined) return;
  const hint = 'the files are edited: commit them with git commit';
  const files = new Map(commits.flatMap((commit) => commit.files.map((file) => [file.path, file] as const)));
  for (const { mode, blob, path } of files.values())
    await answer(git.run(['update-index', '--add', '--cacheinfo', `${mode},${blob},${path}`]), hint);
  const none = '0'.repeat(objectFormat === 'sha256' ? 64 : 40);
  const args = ['update-ref', '-m', 'commit: flagops', 'HEAD', last.id, first.parent ?? none];
  await answer(git.run(args, { identity: true }), hint);
}

/** Whether a merge has been started and not been committed: the next commit has to conclude it. */
export async function isMerging({ git }: Pick<Repository, 'git'>): Promise<boolean> {
  try {
    await git.run(['rev-parse', '--verify', '--quiet', 'MERGE_HEAD']);
    return true;
  } catch {
    return false;
  }
}

async function answer(
  running: Promise<Buffer>,
  hint = 'run git status to see what is wrong',
): Promise<string> {
  try {
    return (await running).toString('utf8').trim();
  } catch (cause) {
    if (cause instanceof OperatorError) throw cause;
    const isUnknown = cause instanceof Error && cause.message.includes('tell me who you are');
    throw new OperatorError('commit-failed', `git cannot commit: ${gitMessage(cause)}`, {
      hint: isUnknown ? 'run git config --global user.name and user.email' : hint,
      cause,
    });
  }
}

type Git = Repository['git'];

interface TreeLine {
  /** `<mode> <type> <id>` */
  readonly entry: string;
  /** One character for each byte. */
  readonly name: string;
}

/** The entries of a tree, not recursively. */
async function entriesOf(git: Git, tree: string): Promise<TreeLine[]> {
  return splitNul(await mustRun(git, ['ls-tree', '-z', tree])).map((line) => {
    const tab = line.indexOf('\t');
    return { entry: line.slice(0, tab), name: line.slice(tab + 1) };
  });
}

async function modeOf(git: Git, tree: string, names: readonly string[]): Promise<string | undefined> {
  const [name, ...below] = names;
  const found = (await entriesOf(git, tree)).find((line) => line.name === name);
  const [mode, , id = ''] = found?.entry.split(' ') ?? [];
  return below.length === 0 || found === undefined ? mode : modeOf(git, id, below);
}

/** Writes a tree in which a file has another content, and returns its id. */
async function withFile(
  git: Git,
  tree: string | undefined,
  [name = '', ...below]: readonly string[],
  blob: string,
): Promise<string> {
  const lines = tree === undefined ? [] : await entriesOf(git, tree);
  const existing = lines.find((line) => line.name === name)?.entry.split(' ');
  const folder = existing?.[1] === 'tree' ? existing[2] : undefined;
  const entry = below.length === 0 ? blob : `040000 tree ${await withFile(git, folder, below, blob)}`;
  const others = lines.filter((line) => line.name !== name);
  const input = [...others, { entry, name }].map((line) => `${line.entry}\t${line.name}\0`).join('');
  return answer(git.run(['mktree', '-z', '--missing'], { input: Buffer.from(input, 'latin1') }));
}
