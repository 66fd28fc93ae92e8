import { appendFileSync, chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, type TestRepository } from './repository.js';

/** Programs that a repository's own `.git` names for git to run. Each one leaves a marker if it runs. */
export class Planted {
  readonly #repo: TestRepository;
  readonly #markers = temporaryFolder();

  constructor(repo: TestRepository) {
    this.#repo = repo;
  }

  /**
   * Creates a program that leaves a marker, and returns its path.
   *
   * @param name of the marker
   * @param after shell command to run after that
   */
  program(name: string, after = 'exit 1'): string {
    const folder = join(this.#repo.path, '.git/programs');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, name.replaceAll(/[^\w.-]/g, '_'));
    writeFileSync(path, `#!/bin/sh\n: > '${join(this.#markers, name.replaceAll('/', '_'))}'\n${after}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  /** Sets a name in `.git/config` to a program of the same name. */
  config(name: string, options: { readonly prefix?: string; readonly after?: string } = {}): void {
    const marker = `${name}${options.prefix ?? ''}`;
    this.#repo.git('config', '--add', name, `${options.prefix ?? ''}${this.program(marker, options.after)}`);
  }

  /** Writes hooks with the given names into a folder under `.git`. */
  hooks(folder: string, names: readonly string[]): void {
    for (const name of names) {
      const program = this.program(`${folder}.${name}`, 'exit 0');
      this.#repo.write({ [`.git/${folder}/${name}`]: `#!/bin/sh\nexec '${program}' "$@"\n` });
      chmodSync(join(this.#repo.path, '.git', folder, name), 0o755);
    }
  }

  /** Appends lines to a file under `.git`. */
  append(path: string, text: string): void {
    const file = join(this.#repo.path, '.git', path);
    mkdirSync(join(file, '..'), { recursive: true });
    appendFileSync(file, text);
  }

  /** The markers of the programs that ran. */
  get ran(): string[] {
    return existsSync(this.#markers) ? readdirSync(this.#markers).toSorted() : [];
  }
}
