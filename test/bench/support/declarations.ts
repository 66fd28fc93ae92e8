import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const FLAGS = ['checkout-v2', 'gift-wrapping', 'new-search', 'one-click-checkout', 'quick-view'];

/** What is declared for a user and a flag. */
export function declaredValue(user: number, flag: number): boolean {
  return (user + flag) % 2 === 0;
}

export function userKey(user: number): string {
  return `user-${String(user).padStart(5, '0')}@example.com`;
}

/** The text of a file that declares every flag for the users from `first` up to `end`, in block maps. */
export function declaration(first: number, end: number): string {
  const lines = ['project: storefront', 'environment: production', 'users:'];
  for (let user = first; user < end; user += 1) {
    lines.push(`  ${userKey(user)}:`);
    for (const [index, flag] of FLAGS.entries()) lines.push(`    ${flag}: ${declaredValue(user, index)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Spreads users over files under `overrides`. */
export function writeDeclarations(folder: string, users: number, files: number): void {
  mkdirSync(join(folder, 'overrides'), { recursive: true });
  const perFile = users / files;
  for (let file = 0; file < files; file += 1) {
    const name = `${String(file).padStart(4, '0')}.yaml`;
    writeFileSync(join(folder, 'overrides', name), declaration(file * perFile, (file + 1) * perFile));
  }
}

/** Makes the folder a repository with everything in one commit. */
export function commitAll(folder: string): void {
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.com', ...args], {
      cwd: folder,
    });
  };
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--no-verify', '--message', 'Bench');
}
