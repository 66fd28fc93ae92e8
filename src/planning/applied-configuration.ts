import { posix } from 'node:path';
import { type Config, DEFAULT_CONFIG, policyOf } from '../config/config.js';
import { CONFIG_NAME, type ConfigParser } from '../config/find.js';
import { CommitFiles } from '../history/git/commit-files.js';
import type { Git } from '../history/git/git.js';
import type { ScopeId } from '../reconcile/state.js';
import { decode } from '../yaml/decode.js';
import { SourceText } from '../yaml/source.js';

/** The configuration with which a commit was applied. */
export type AppliedConfiguration =
  | { readonly type: 'read'; readonly path: string; readonly config: Config }
  /** It is there, but this version of flagops cannot read it. */
  | { readonly type: 'unreadable'; readonly path: string }
  /** There was none, so the defaults were in force. */
  | { readonly type: 'none' }
  /** The commit has no configuration of that name. */
  | { readonly type: 'lost' };

/** The paths at which a run in a folder looks for the configuration, nearest first; all relative to the root. */
export function searchedPaths(folder: string): string[] {
  const paths: string[] = [];
  for (let candidate = posix.normalize(folder); ; candidate = posix.dirname(candidate)) {
    paths.push(posix.join(candidate, CONFIG_NAME));
    if (candidate === '.') return paths;
  }
}

/** Finds and reads the configurations of applied commits. Each file is read once. */
export class AppliedConfigurations {
  readonly #files: CommitFiles;
  readonly #paths: readonly string[];
  readonly #parse: ConfigParser;
  readonly #expected = new Map<string, Promise<Parsed | undefined>>();
  readonly #others = new Map<string, Promise<readonly Parsed[]>>();

  /** @param paths where a run like this one looks for the configuration, nearest first */
  constructor(git: Git, paths: readonly string[], parseConfig: ConfigParser) {
    this.#parse = parseConfig;
    this.#files = new CommitFiles(git);
    this.#paths = paths;
  }

  close(): void {
    this.#files.close();
  }

  /**
   * The configuration with which a scope was applied: the one that a run like this one would have used, if it had that
   * name, or else any other of the commit that has the name and allows the scope.
   */
  async of(commit: string, name: string, scope: ScopeId): Promise<AppliedConfiguration> {
    const expected = await this.#expectedIn(commit);
    if (expected !== undefined) {
      const { path, config } = expected;
      if (config === undefined) return { type: 'unreadable', path };
      if (config.name === name) return { type: 'read', path, config };
    }
    for (const { path, config } of await this.#allIn(commit)) {
      if (config?.name === name && policyOf(config, scope) !== undefined)
        return { type: 'read', path, config };
    }
    // A configuration with a name of its own, given with --config, could have been anywhere.
    const isUsual = this.#paths.every((path) => posix.basename(path) === CONFIG_NAME);
    const mayBeNone = expected === undefined && name === DEFAULT_CONFIG.name && isUsual;
    return { type: mayBeNone ? 'none' : 'lost' };
  }

  /** Whether a run like this one would have used the configuration with this path and name in a commit. */
  async wouldUse(commit: string, path: string, name: string): Promise<boolean> {
    const expected = await this.#expectedIn(commit);
    return expected?.path === path && expected.config?.name === name;
  }

  #expectedIn(commit: string): Promise<Parsed | undefined> {
    return remembered(this.#expected, commit, () => this.#firstOf(commit, this.#paths));
  }

  /** Every file of the commit that is called as a configuration is. */
  #allIn(commit: string): Promise<readonly Parsed[]> {
    return remembered(this.#others, commit, async () => {
      const parsed: Parsed[] = [];
      for (const path of await this.#files.named(commit, CONFIG_NAME)) {
        const found = await this.#firstOf(commit, [path]);
        if (found !== undefined) parsed.push(found);
      }
      return parsed;
    });
  }

  async #firstOf(commit: string, paths: readonly string[]): Promise<Parsed | undefined> {
    const found = await this.#files.first(commit, paths);
    return found && { path: found.path, config: await parse(found.path, found.bytes, this.#parse) };
  }
}

interface Parsed {
  readonly path: string;
  /** Undefined if it cannot be read. */
  readonly config: Config | undefined;
}

async function parse(
  path: string,
  bytes: Uint8Array | undefined,
  parseConfig: ConfigParser,
): Promise<Config | undefined> {
  const decoded = bytes && decode(bytes);
  if (decoded?.ok !== true) return undefined;
  return (await parseConfig(new SourceText(path, decoded.text))).config;
}

function remembered<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}
