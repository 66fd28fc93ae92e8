import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { atEndOfFile } from './end-of-file.js';

// Hides the developer's git configuration from git, both in tests and in flagops.
const ISOLATED = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
Object.assign(process.env, ISOLATED);

const CONFIGURATION = `[core]
\tautocrlf = false
[commit]
\tgpgsign = false
[user]
\tname = Cy Committer
\temail = cy@example.com
`;

/** Commits are a minute apart, so that ids and dates are the same in every run. */
const FIRST_COMMIT = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

/** A new empty folder, removed when the test file is done. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'flagops-test-')));
  atEndOfFile(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Text by path; null removes the file. */
export type Files = Readonly<Record<string, string | null>>;

export interface CommitOptions {
  /** `Name <address>`; Ada by default. */
  readonly author?: string;
  /** ISO 8601; by default a minute after the previous commit. */
  readonly date?: string;
}

/** A real repository in a temporary folder. All methods are synchronous, so that tests read as a history. */
export class TestRepository {
  readonly path: string;
  #commits = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** Runs git here and returns its output without the last line break; throws if git fails. */
  git(...args: string[]): string {
    return this.#run(['git', ...args], {});
  }

  /** Writes files into the working tree, without git. */
  write(files: Files): void {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.path, path);
      if (text === null) {
        rmSync(file, { force: true });
        continue;
      }
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }

  /** Writes the files, stages everything and commits, even if nothing differs. Returns the commit's id. */
  commit(message: string, files: Files = {}, options: CommitOptions = {}): string {
    this.write(files);
    return this.#commitAll(['--allow-empty', '-m', message], options);
  }

  /** Creates a branch at a commit (HEAD by default) and switches to it. */
  branch(name: string, from = 'HEAD'): void {
    this.git('checkout', '--quiet', '-b', name, from);
  }

  switch(name: string): void {
    this.git('checkout', '--quiet', name);
  }

  /**
   * Merges branches into the current one with a merge commit.
   *
   * @param resolve files of the merge commit, which override the branches and resolve conflicts
   */
  merge(branches: string | readonly string[], message: string, resolve?: Files): string {
    const names = typeof branches === 'string' ? [branches] : branches;
    if (resolve === undefined) {
      return this.#commit(['merge', '--quiet', '--no-ff', '--no-verify', '-m', message, ...names], {});
    }
    try {
      this.git('merge', '--quiet', '--no-ff', '--no-commit', ...names);
    } catch {
      // A conflict, which the files below resolve.
    }
    this.write(resolve);
    return this.#commitAll(['-m', message], {});
  }

  /** Squashes a branch into one commit on the current one. */
  squash(branch: string, message: string): string {
    this.git('merge', '--quiet', '--squash', branch);
    return this.#commit(['commit', '--quiet', '--no-verify', '-m', message], {});
  }

  revert(commit: string): string {
    return this.#commit(['revert', '--no-edit', commit], {});
  }

  get head(): string {
    const head = readFileSync(join(this.#gitFolder, 'HEAD'), 'utf8').trim();
    if (!head.startsWith('ref: ')) return head;
    return this.ref(head.slice('ref: '.length)) ?? this.git('rev-parse', 'HEAD');
  }

  /** The commit that a ref names; undefined without the ref. Read without git, which is a third of a commit's cost. */
  ref(name: string): string | undefined {
    const file = join(this.#gitFolder, name);
    if (existsSync(file)) return readFileSync(file, 'utf8').trim();
    if (!existsSync(join(this.#gitFolder, 'packed-refs'))) return undefined;
    return this.git('for-each-ref', '--format=%(objectname)', name) || undefined;
  }

  get #gitFolder(): string {
    const folder = join(this.path, '.git');
    if (!existsSync(folder)) return this.path;
    return statSync(folder).isDirectory() ? folder : this.git('rev-parse', '--absolute-git-dir');
  }

  /** Leaves only the named folders on disk. */
  sparse(...folders_: string[]): void {
    this.git('sparse-checkout', 'init', '--cone');
    this.git('sparse-checkout', 'set', ...folders_);
  }

  /** Makes a bare repository, adds it as a remote and pushes the current branch with its upstream. */
  addRemote(name = 'origin'): TestRepository {
    const remote = new TestRepository(temporaryFolder());
    initialize(remote.path, true);
    this.git('remote', 'add', name, remote.path);
    this.git('push', '--quiet', '--set-upstream', name, 'HEAD');
    return remote;
  }

  /** Clones into a new folder. `depth` makes the clone shallow. */
  clone(options: { readonly depth?: number; readonly branch?: string } = {}): TestRepository {
    const folder = temporaryFolder();
    const depth = options.depth === undefined ? [] : [`--depth=${options.depth}`];
    const branch = options.branch === undefined ? [] : [`--branch=${options.branch}`];
    // A plain path would be hard-linked and could not be shallow.
    this.git('clone', '--quiet', ...depth, ...branch, `file://${this.path}`, folder);
    appendFileSync(join(folder, '.git/config'), CONFIGURATION);
    return new TestRepository(folder);
  }

  /** Whether a path exists in the working tree. */
  has(path: string): boolean {
    return existsSync(join(this.path, path));
  }

  /** Only for `createRepository`. */
  static create(): TestRepository {
    const repository = new TestRepository(temporaryFolder());
    initialize(join(repository.path, '.git'), false);
    return repository;
  }

  /** Stages everything and commits, in one process less than it takes otherwise. */
  #commitAll(args: readonly string[], options: CommitOptions): string {
    return this.#commit(['commit', '--quiet', '--no-verify', ...args], options, 'git add --all && ');
  }

  #commit(args: readonly string[], options: CommitOptions, before = ''): string {
    const date = options.date ?? new Date(FIRST_COMMIT + this.#commits * MINUTE).toISOString();
    this.#commits += 1;
    const author = /^(?<name>.*) <(?<address>.*)>$/.exec(options.author ?? 'Ada Author <ada@example.com>');
    this.#run(before === '' ? ['git', ...args] : ['sh', '-c', `${before}exec git "$@"`, 'sh', ...args], {
      GIT_AUTHOR_NAME: author?.groups?.['name'] ?? 'Ada Author',
      GIT_AUTHOR_EMAIL: author?.groups?.['address'] ?? 'ada@example.com',
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date,
    });
    return this.head;
  }

  #run(
    [program, ...args]: readonly [string, ...string[]],
    environment: Readonly<Record<string, string>>,
  ): string {
    const output = execFileSync(program, args, {
      cwd: this.path,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...ISOLATED, LC_ALL: 'C', ...environment },
    });
    return output.replace(/\n$/, '');
  }
}

/** What `git init` and four calls of `git config` make, without five processes. */
function initialize(folder: string, bare: boolean): void {
  for (const name of ['hooks', 'info', 'objects/info', 'objects/pack', 'refs/heads', 'refs/tags'])
    mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'HEAD'), 'ref: refs/heads/main\n');
  const core = ['repositoryformatversion = 0', 'filemode = true', `bare = ${bare}`];
  if (!bare) core.push('logallrefupdates = true');
  writeFileSync(
    join(folder, 'config'),
    ['[core]', ...core.map((line) => `\t${line}`), bare ? '' : CONFIGURATION].join('\n'),
  );
}

/** An empty repository on branch `main`, with a fixed committer and no signing. */
export function createRepository(): TestRepository {
  return TestRepository.create();
}
