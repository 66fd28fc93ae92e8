import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileIds } from '../../src/declare/cache/blob-id.js';
import { openHistory } from '../../src/history/history.js';
import type { OverrideHistory, HistoryResult } from '../../src/history/walk/answer-questions.js';
import { openRepository, type Repository } from '../../src/history/git/repository.js';
import type { Json } from '../../src/json/json.js';
import type { Question } from '../../src/reconcile/ownership.js';
import { sameSetting } from '../../src/history/walk/declaration-index.js';
import { isUnder } from '../../src/history/git/tree.js';
import { compareWorkingTree, type WorkingTree } from '../../src/history/git/working-tree.js';
import { type Commit, type DeclaredState, scopedKey } from '../../src/reconcile/state.js';
import type { TestRepository } from './repository.js';
import { toyOverride, toySetting, ToyFormat } from './toy-format.js';

/** The override that most tests ask about. */
export const ALICE = 'shop/production beta user alice';

export interface Ask {
  /** Overrides as `project/environment flag kind key`; by default Alice's. */
  readonly overrides?: readonly string[];
  /** The live value, for overrides that are no longer declared. */
  readonly live?: Json;
  /** Ids of last-applied commits by scope. */
  readonly lastApplied?: Readonly<Record<string, string>>;
  /** What the working tree declares; by default the same as HEAD. */
  readonly desired?: DeclaredState;
}

/** The name of the files that `compared` lists. */
export const NAMED = 'listed.yaml';

/** Opens a test's repository as flagops does. */
export async function opened(repository: TestRepository): Promise<Repository> {
  const repo = await openRepository(repository.path);
  if (repo === undefined) throw new Error('no repository');
  return repo;
}

/** Compares the files on disk with HEAD, after reading all files that match, as flagops does. */
export async function compared(
  repository: TestRepository,
  matches: (path: string) => boolean,
  bases: readonly string[],
): Promise<WorkingTree> {
  const found = readdirSync(repository.path, { recursive: true, withFileTypes: true });
  const paths = found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(repository.path, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith('.git/') && isUnder(path, bases) && matches(path));
  return compareWorkingTree(await opened(repository), {
    matches,
    bases,
    files: new Map(paths.map((path) => [path, fileIds(readFileSync(join(repository.path, path)))])),
    identify: fileIds,
    name: NAMED,
  });
}

/** Asks history about overrides, by default with a clean working tree. */
export async function ask(
  repository: TestRepository,
  options: Ask = {},
): Promise<HistoryResult & { answer: OverrideHistory }> {
  const repo = await opened(repository);
  const history = openHistory(repo, new ToyFormat());
  const overrides = (options.overrides ?? [ALICE]).map(toyOverride);
  const { live } = options;
  const isLive =
    live === undefined
      ? {}
      : { isLive: (setting: unknown) => sameSetting(setting as never, toySetting(live)) };
  const questions: Question[] = overrides.map((override) => ({ ...override, ...isLive }));
  const desired =
    options.desired ??
    (repo.head === undefined ? new Map() : (await history.declaredAt(repo.head.id)).declared);
  const answers = await openHistory(repo, new ToyFormat()).answer({
    questions,
    desired,
    lastApplied: new Map(
      Object.entries(options.lastApplied ?? {}).map(([scope, id]) => [scope, { commit: commitOf(id) }]),
    ),
  });
  const [first] = overrides;
  const answer = first && answers.answers.get(scopedKey(first.scope, first.id));
  if (answer === undefined) throw new Error('no answer');
  return { ...answers, answer };
}

/** The subject of the commit that Alice's override comes from, or why there is none, in parentheses. */
export async function provenanceOf(repository: TestRepository, options: Ask = {}): Promise<string> {
  const { provenance } = (await ask(repository, options)).answer;
  return provenance.type === 'commit' ? provenance.commit.subject : `(${provenance.type})`;
}

function commitOf(id: string): Commit {
  return { id, subject: '', author: '', date: 0 };
}
