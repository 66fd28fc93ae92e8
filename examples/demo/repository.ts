import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The environment for git and flagops, without the user's git settings and variables, so that runs are reproducible. */
export const gitEnvironment: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || name.startsWith('GIT_') ? [] : [[name, value]],
    ),
  ),
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_NOSYSTEM: '1',
};

/** A commit that adds some files of an example. */
export interface Step {
  readonly message: string;
  readonly author: string;
  readonly files: readonly string[];
}

/** A temporary git repository made from an example. */
export class ExampleRepository {
  readonly path: string = realpathSync(mkdtempSync(join(tmpdir(), 'flagops-example-')));
  readonly #example: string;

  /** @param example absolute path of the folder to copy files from */
  constructor(example: string) {
    this.#example = example;
    this.#git('init', '--quiet', '--initial-branch=main');
    this.#git('config', 'user.email', 'demo@example.com');
    this.#git('config', 'user.name', 'Demo');
  }

  /** Copies the files of a step and commits them. */
  add({ message, author, files }: Step): void {
    for (const file of files) {
      mkdirSync(dirname(join(this.path, file)), { recursive: true });
      cpSync(join(this.#example, file), join(this.path, file));
    }
    this.commit(message, author);
  }

  /** Replaces each `from`, which must occur exactly once in the file. */
  edit(file: string, replacements: readonly (readonly [from: string, to: string])[]): void {
    const path = join(this.path, file);
    let text = readFileSync(path, 'utf8');
    for (const [from, to] of replacements) {
      const parts = text.split(from);
      if (parts.length !== 2) throw new Error(`${file} holds this ${parts.length - 1} times: ${from}`);
      text = parts.join(to);
    }
    writeFileSync(path, text);
  }

  commit(message: string, author: string): void {
    this.#git('add', '--all');
    const email = `${author.toLowerCase()}@example.com`;
    this.#git('commit', '--quiet', '--no-verify', '--message', message, `--author=${author} <${email}>`);
  }

  /** The changes of the last commit, as `git show` prints them. */
  lastDiff(): string {
    return this.#git('show', '--format=%h %s', '--unified=0', '--no-color');
  }

  /** Commit subjects by the first 12 digits of the commit's id. */
  subjects(): ReadonlyMap<string, string> {
    const lines = this.#git('log', '--format=%H %s').trim().split('\n');
    return new Map(lines.map((line) => [line.slice(0, 12), line.slice(line.indexOf(' ') + 1)]));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.path, encoding: 'utf8', env: gitEnvironment });
  }
}
