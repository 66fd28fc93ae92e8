import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CLI, isolated } from '../../support/cli.js';
import { temporaryFolder } from '../../support/repository.js';

/** Interactive shells without settings of the user, by name, with their arguments. */
export const SHELLS: Readonly<Record<string, readonly string[]>> = {
  bash: ['--norc', '--noprofile', '--noediting', '-i'],
  zsh: ['-f', '-i'],
};

export const isInstalled = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

export interface Pasted {
  /** Standard output, and then standard error. */
  readonly output: string;
  /** Exit codes other than 0, in the order of the commands. */
  readonly failures: readonly number[];
}

export interface PasteOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

const FAILED = '[exit code ';
const TRAP = `trap 'echo "${FAILED}$?]"' ERR\n`;

/**
 * Types lines into an interactive shell, as a user who pastes them. That is not the same as a script: zsh takes `#` for a
 * word, not for a comment, and bash expands `!`. `flagops` is a command there, without a question before an apply.
 */
export async function paste(shell: string, text: string, { cwd, env }: PasteOptions): Promise<Pasted> {
  const bin = temporaryFolder();
  writeFileSync(join(bin, 'flagops'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
  chmodSync(join(bin, 'flagops'), 0o755);
  const child = spawn(shell, SHELLS[shell] ?? [], {
    cwd,
    // Without a controlling terminal, which an interactive shell would take from the test run.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: isolated({
      PATH: `${bin}${delimiter}${process.env['PATH']}`,
      CI: 'true',
      TERM: 'dumb',
      HOME: bin,
      TMPDIR: temporaryFolder(),
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.com',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.com',
      ...env,
    }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const done = new Promise<void>((resolve, reject) => {
    child.once('error', reject).once('close', () => resolve());
  });
  child.stdin.end(`${TRAP}${text}`);
  await done;
  const failures = [...stdout.matchAll(/^\[exit code (\d+)\]$/gm)].map(([, code]) => Number(code));
  return { output: `${stdout}\n${stderr}`, failures };
}
