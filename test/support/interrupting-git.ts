import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './repository.js';

/** A program called `git` that is found before the real one. */
export interface WrappedGit {
  /** A `PATH` that finds it first. */
  readonly PATH: string;
  /** How often it was started. */
  readonly calls: () => number;
  /** Whether `when` was ever true. */
  readonly isReached: () => boolean;
}

/**
 * Creates a `git` that runs `action` in some calls, and the real git otherwise.
 * @param when a condition of the shell, which may use `$call` (the number of the call, from 1) and `$*`
 * @param action shell commands to run then
 */
function wrapGit(when: string, action: string): WrappedGit {
  const folder = temporaryFolder();
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  // Creating a file that must not exist counts correctly even if calls overlap.
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
 * A git that is interrupted as on a terminal: in its `at`-th call, from 1, it sends a signal to its whole process group.
 * The process that starts it must lead a group (`ownGroup`).
 */
export function interruptingGit(at: number, signal: 'INT' | 'TERM' = 'INT'): WrappedGit {
  return wrapGit(`[ $call -eq ${at} ]`, `kill -s ${signal} 0`);
}

/** A git that is killed by a signal, or hangs, whenever it is called with `command`. */
export function stuckGit(command: string, fate: 'dies' | 'hangs'): WrappedGit {
  const action = fate === 'dies' ? 'kill -s INT $$' : 'exec sleep 600';
  return wrapGit(`case " $* " in *" ${command} "*) true;; *) false;; esac`, action);
}

/** A git that only counts its calls. */
export function countedGit(): WrappedGit {
  return wrapGit('false', ':');
}
