import { COMMIT_FIELDS, COMMIT_FORMAT, parseCommit, type LinkedCommit } from './commits.js';
import { mustRun, splitNul, type Git } from './git.js';
import { treeEntry, type TreeEntry } from './tree.js';

/** How one path differs between two commits; undefined if there is neither a file nor a link. */
export interface PathChange {
  readonly path: string;
  readonly before: TreeEntry | undefined;
  readonly after: TreeEntry | undefined;
}

/** A commit with what it changed at or under the watched paths, compared with its first parent. */
export interface LoggedCommit extends LinkedCommit {
  readonly changes: readonly PathChange[];
}

const LOG = [
  'log',
  '--raw',
  '-z',
  '--no-renames',
  '--no-abbrev',
  '--no-ext-diff',
  '--no-textconv',
  '--encoding=UTF-8',
  // The leading control character marks where a commit begins.
  `--format=%x01${COMMIT_FORMAT}`,
];

/**
 * Reads first-parent history from `start`, inclusive and newest first: the commits that touched `watched`.
 *
 * @param size how many commits to read at most
 * @param watched paths relative to the root; must not be empty, or git would list every commit
 */
export async function readLogPage(
  git: Git,
  start: string,
  size: number,
  watched: readonly string[],
): Promise<LoggedCommit[]> {
  const page = ['--first-parent', `--max-count=${size}`, start];
  return parseLog(splitNul(await mustRun(git, [...LOG, ...page, '--', ...watched])));
}

/** Reads the given commits and returns those that touched `watched`, by id. */
export async function readLogged(
  git: Git,
  commits: readonly string[],
  watched: readonly string[],
): Promise<Map<string, LoggedCommit>> {
  // Without a path git would compare everything, and without a commit it would start from HEAD.
  if (commits.length === 0 || watched.length === 0) return new Map();
  const output = await mustRun(
    git,
    [...LOG, '--diff-merges=first-parent', '--no-walk=unsorted', '--stdin', '--', ...watched],
    { input: commits.map((commit) => `${commit}\n`).join('') },
  );
  const logged = parseLog(splitNul(output)).filter(({ changes }) => changes.length > 0);
  return new Map(logged.map((commit) => [commit.id, commit]));
}

/**
 * Compares each commit with the one before it in the list, at or under `watched`. In the result `before` is the
 * commit's own side and `after` that of the previous commit, so that undoing the changes leads from the previous
 * commit to this one. The first commit has nothing to be compared with.
 */
export async function compareWithPrevious(
  git: Git,
  commits: readonly string[],
  watched: readonly string[],
): Promise<readonly (readonly PathChange[])[]> {
  const pairs = commits.slice(1).map((commit, index) => `${commit} ${commits[index] ?? ''}`);
  const differences: PathChange[][] = [[], ...pairs.map(() => [])];
  if (pairs.length === 0 || watched.length === 0) return differences;
  // Each input line presents the previous commit as this one's only parent; `-R` swaps the sides.
  const output = await mustRun(
    git,
    ['diff-tree', '--stdin', '--always', '-R', '-r', '-z', '--no-renames', '--no-abbrev', '--', ...watched],
    { input: pairs.map((pair) => `${pair}\n`).join('') },
  );
  let pair = 0;
  const tokens = splitNul(output);
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index] ?? '';
    if (!token.startsWith(':')) pair += 1;
    else differences[pair]?.push(parseChange(token, tokens[(index += 1)] ?? ''));
  }
  return differences;
}

/** Parses `log --raw -z`: the fields of a commit, the first one marked, then two tokens for each changed path. */
function parseLog(tokens: readonly string[]): LoggedCommit[] {
  const commits: LoggedCommit[] = [];
  let changes: PathChange[] = [];
  for (let index = 0; index < tokens.length;) {
    const token = (tokens[index] ?? '').replace(/^\n/, '');
    if (token.startsWith('\u0001')) {
      const fields = [token.slice(1), ...tokens.slice(index + 1, index + COMMIT_FIELDS)];
      changes = [];
      commits.push({ ...parseCommit(fields), changes });
      index += COMMIT_FIELDS;
    } else if (token.startsWith(':')) {
      changes.push(parseChange(token, tokens[index + 1] ?? ''));
      index += 2;
    } else {
      index += 1;
    }
  }
  return commits;
}

/** Parses `:<mode before> <mode after> <blob before> <blob after> <status>`. */
function parseChange(token: string, path: string): PathChange {
  const [before = '', after = '', blobBefore = '', blobAfter = ''] = token.slice(1).split(' ');
  return { path, before: treeEntry(before, blobBefore), after: treeEntry(after, blobAfter) };
}
