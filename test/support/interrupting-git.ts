import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './repository.js';

/** A program called `git` that stands before the real one. */
export interface WrappedGit {
  /** Where it is found first. */
  readonly PATH: string;
  /** How often it was started. */
  readonly calls: () => number;
  /** Whether it was called in the way that makes it do something else. */
  readonly isReached: () => boolean;
}

/**
 * Makes a `git` that does something else in certain calls, and is the real git in all others.
 * @param when a condition of the shell, which may use `$call` (the number of the call, from 1) and `$*`
 * @param action what it does then, in the shell
 */
function wrapGit(when: string, action: string): WrappedGit {
  const folder = temporaryFolder();
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  // Creating a file that must not exist counts calls that overlap correctly, too.
  const script = `#!/bin/sh
call=1
while ! (set -C; : > '${folder}'/call-$call) 2> /dev/null; do call=$((call + 1)); done
if ${when}; then : > '${folder}/reached'; ${action}; fi
exec '${real}' "$@"
`;
  const path = join(folder, 'git');
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return {
    PATH: `${folder}:${process.env['PATH'] ?? ''}`,
    calls: () => readdirSync(folder).filter((name) => name.startsWith('call-')).length,
    isReached: () => existsSync(join(folder, 'reached')),
  };
}

/**
 * A git that is interrupted as on a terminal: in its `at`-th call, from 1, a signal goes to its whole process group. The
 * process that starts it must lead a group, with `ownGroup`.
 */
export function interruptingGit(at: number, signal: 'INT' | 'TERM' = 'INT'): WrappedGit {
  return wrapGit(`[ $call -eq ${at} ]`, `kill -s ${signal} 0`);
}

/** A git that dies of a signal, or hangs, whenever it is called with a certain command. */
export function stuckGit(command: string, fate: 'dies' | 'hangs'): WrappedGit {
  const action = fate === 'dies' ? 'kill -s INT $$' : 'exec sleep 600';
  return wrapGit(`case " $* " in *" ${command} "*) true;; *) false;; esac`, action);
}
