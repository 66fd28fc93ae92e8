import { spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CLI, isolated } from './cli.js';
import { temporaryFolder } from './repository.js';

/** How a script ended. */
export interface End {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a script as a container or a runner would, with `flagops` in the path. */
export function sh(
  shell: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<End> {
  const bin = temporaryFolder();
  writeFileSync(join(bin, 'flagops'), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`);
  chmodSync(join(bin, 'flagops'), 0o755);
  const clean = isolated(env);
  const [command = 'sh', ...args] = shell;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...clean, PATH: [bin, clean['PATH']].join(delimiter) },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
