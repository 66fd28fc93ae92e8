import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * Where git keeps what belongs to a repository and all of its worktrees: `.git`, or what the file of that name in
 * worktrees and submodules leads to.
 * @param root the folder that holds `.git`
 * @returns undefined outside git
 */
export function findGitFolder(root: string): string | undefined {
  const path = join(root, '.git');
  if (!existsSync(path)) return undefined;
  if (statSync(path).isDirectory()) return path;
  const target = /^gitdir: (.+)$/m.exec(readFileSync(path, 'utf8'))?.[1];
  if (target === undefined) return undefined;
  const folder = resolve(root, target);
  const common = join(folder, 'commondir');
  return existsSync(common) ? resolve(folder, readFileSync(common, 'utf8').trim()) : folder;
}
