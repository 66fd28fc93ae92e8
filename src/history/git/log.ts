import { parseChange, type PathChange } from '../walk/commit-log.js';
import { mustRun, splitNul, type Git } from './git.js';

/**
 * How each of some commits differs from the one before it in the list, at or under the watched paths: `before` is
 * what stands in it. The first one differs from nothing.
 */
export async function compareWithPrevious(
  git: Git,
  commits: readonly string[],
  watched: readonly string[],
): Promise<readonly (readonly PathChange[])[]> {
  const pairs = commits.slice(1).map((commit, index) => `${commit} ${commits[index] ?? ''}`);
  const differences: PathChange[][] = [[], ...pairs.map(() => [])];
  if (pairs.length === 0 || watched.length === 0) return differences;
  // The list gives each commit the one before for its only parent; `-R` makes what is in the commit the side before.
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
