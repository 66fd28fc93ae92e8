import { CONFIG_NAME } from '../config/find.js';
import { fileIds } from '../declare/cache/blob-id.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { type History, openHistory } from '../history/history.js';
import { fetchRefs, findForgotten } from '../history/refs/fetch-refs.js';
import { updateRefs } from '../history/refs/local-refs.js';
import {
  type Attempt,
  type LastApplied,
  readRecordedState,
  type RecordedState,
} from '../history/refs/read-refs.js';
import { countFirstParentCommits, isAncestor } from '../history/git/ancestry.js';
import { gitIn } from '../history/git/git.js';
import { objectsOf } from '../history/git/object-reader.js';
import { openFound, type Repository, type FoundRepository } from '../history/git/repository.js';
import { compareWorkingTree, type FileSelection, listIndex } from '../history/git/working-tree.js';
import type { RunTime } from '../launchdarkly/http/run-time.js';
import { shortId } from '../reconcile/commit.js';
import type { ScopePolicy } from '../reconcile/policy.js';
import { pruneRules } from '../reconcile/prune.js';
import type { Commit, ScopeId } from '../reconcile/state.js';
import type { Declared } from './read-declarations.js';
import { historyFormat } from './history-format.js';
import { refuseTakenName } from './taken-name.js';

/** What git says about the declarations and the scopes, before anything is compared. */
export interface GitState {
  /** Undefined outside git, and before the first commit. */
  readonly git:
    | {
        readonly repository: Repository;
        /** The same repository, to be read until the time limit of the run. */
        readonly limited: Repository;
        readonly head: Commit;
        readonly history: History;
      }
    | undefined;
  /** By scope key. */
  readonly lastApplied: ReadonlyMap<string, LastApplied>;
  /** Applies that started to write, by scope key. */
  readonly attempts: ReadonlyMap<string, readonly Attempt[]>;
  /** What configurations with other names applied, by scope key. */
  readonly otherNames: RecordedState['otherNames'];
  /** Declarations and configuration that differ from HEAD. */
  readonly dirty: readonly string[];
  /** Last-applied commits that HEAD does not contain. */
  readonly rewound: readonly Commit[];
  /** Whether the files on disk contain everything that was declared since a commit. */
  readonly isCurrent: (commit: Commit) => boolean;
  readonly warnings: readonly string[];
  /** Ends the process that reads git's objects. A later read starts a new one. */
  readonly close: () => void;
}

const NO_GIT_STATE: GitState = {
  git: undefined,
  lastApplied: new Map(),
  attempts: new Map(),
  otherNames: new Map(),
  dirty: [],
  rewound: [],
  isCurrent: () => false,
  warnings: [],
  close: () => undefined,
};

/**
 * Whether the last-applied refs are fetched first. With `if possible`, a failure is a warning; with `required`, an
 * error.
 */
export type Fetching = 'no' | 'if possible' | 'required';

/**
 * Reads the state of the repository that contains the declarations.
 * @param host the API's host with its port
 * @param run the time limit for git, including its remote; without it, only an interruption stops git
 * @param isSelected the scopes whose last-applied commits must be in HEAD's history
 * @throws OperatorError `declaration-missing` for a declaration in HEAD that is missing on disk; and if refs that are
 *   `required` cannot be fetched
 */
export async function readGitState(
  declared: Declared,
  host: string,
  fetching: Fetching,
  run?: RunTime,
  isSelected: (scope: ScopeId) => boolean = () => true,
): Promise<GitState> {
  if (declared.repository === undefined) {
    return {
      ...NO_GIT_STATE,
      warnings: ['not in a git repository: nothing is known to be owned, so nothing undeclared is removed'],
    };
  }
  const place = limited(declared.repository, run);
  const release = objectsOf(place.git).hold();
  try {
    const state = await readState(place, declared, { host, fetching, run, isSelected });
    return { ...state, close: release };
  } catch (error) {
    release();
    throw error;
  }
}

interface ReadOptions {
  readonly host: string;
  readonly fetching: Fetching;
  readonly run: RunTime | undefined;
  readonly isSelected: (scope: ScopeId) => boolean;
}

async function readState(
  place: FoundRepository,
  declared: Declared,
  { host, fetching, run, isSelected }: ReadOptions,
): Promise<Omit<GitState, 'close'>> {
  const { workspace, config, globs } = declared;
  const selection: FileSelection = {
    matches: (path) => path === workspace.configPath || globs.matches(path),
    bases: [...globs.bases, workspace.configPath],
    files: declared.ids,
    identify: (bytes) => fileIds(bytes, place.objectFormat),
    name: CONFIG_NAME,
  };
  const listing = listIndex(place, selection);
  // If HEAD cannot be read, that is the error to report.
  listing.catch(() => {});
  const repository = await openFound(place);
  const { dirty, missing, named } = await compareWorkingTree(repository, selection, listing);
  await refuseTakenName(repository, declared, named);
  const [first] = missing;
  if (first !== undefined) {
    const others = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
    throw new OperatorError('declaration-missing', `${first}${others} is in HEAD, but not on disk`, {
      hint: 'check out the whole tree (no sparse checkout), or delete the file with git rm',
    });
  }
  const failure = fetching === 'no' ? undefined : await fetchRefs(repository, run?.timeLeft());
  const { head } = repository;
  if (head === undefined) {
    if (failure !== undefined && fetching === 'required') throw failure;
    const unfetched = failure === undefined ? [] : [fetchWarning(failure)];
    const warnings = [...unfetched, 'nothing is committed yet: nothing is known to be owned'];
    return { ...NO_GIT_STATE, dirty, warnings };
  }
  const reading = readRecordedState(repository, host, config.name);
  if (failure !== undefined && fetching === 'required') throw await worstOf(failure, reading);
  const recorded = await reading;
  const isFetched = fetching !== 'no' && failure === undefined;
  const { attempts, failure: unasked } = isFetched
    ? await withoutForgotten(repository, recorded, run?.timeLeft())
    : { ...recorded, failure };
  if (unasked !== undefined && fetching === 'required') throw unasked;
  const unfetched = unasked === undefined ? [] : [fetchWarning(unasked)];
  const { lastApplied } = recorded;
  const selected = new Map([...lastApplied].filter(([, { scope }]) => isSelected(scope)));
  const rewound = await notContained(repository, head, selected);
  const current = await currentCommits(repository, head, lastApplied, [...globs.bases, workspace.configPath]);
  return {
    git: {
      // Refs are moved even after the time limit: what was applied must be recorded.
      repository: { ...repository, git: declared.repository?.git ?? repository.git },
      limited: repository,
      head,
      history: openHistory(repository, historyFormat(workspace, declared)),
    },
    lastApplied,
    attempts,
    otherNames: recorded.otherNames,
    dirty,
    rewound,
    isCurrent: (commit) => dirty.length === 0 && current.has(commit.id),
    warnings: [...unfetched, ...rewound.map(rewindWarning)],
  };
}

/** The scopes that have a last-applied ref or an attempt. */
export function recordedScopes({ lastApplied, attempts }: GitState): ScopeId[] {
  const attempted = [...attempts.values()].flatMap((some) => some.slice(0, 1));
  return [...lastApplied.values(), ...attempted].map(({ scope }) => scope);
}

/**
 * Refuses a shallow clone if a prune mode needs the history: without the history, owned overrides would silently stay live.
 * @throws OperatorError `shallow-clone`
 */
export function refuseShallow(
  { git }: GitState,
  scopes: readonly { readonly policy: Pick<ScopePolicy, 'prune'> }[],
): void {
  if (git?.repository.shallow !== true) return;
  if (!scopes.some(({ policy }) => pruneRules(policy.prune).refusesShallow)) return;
  throw new OperatorError('shallow-clone', 'this clone is shallow: its history does not show what is owned', {
    hint: 'use fetch-depth: 0 in actions/checkout, or run git fetch --unshallow',
  });
}

/** A repository that can be read until the time limit of the run. */
function limited(place: FoundRepository, run: RunTime | undefined): FoundRepository {
  if (run === undefined) return place;
  return { ...place, git: gitIn(place.root, run.limit('reading from git'), place.config) };
}

/** A ref that is broken here also makes a fetch fail, and its error has the better remedy. */
async function worstOf(failure: OperatorError, reading: Promise<unknown>): Promise<OperatorError> {
  try {
    await reading;
  } catch (error) {
    if (error instanceof OperatorError && error.code === 'ref-broken') return error;
  }
  return failure;
}

/** Deletes attempts that the remote no longer has, and returns the others. If it cannot be asked, all of them stay. */
async function withoutForgotten(
  repository: Repository,
  { attempts }: RecordedState,
  timeout: number | undefined,
): Promise<Pick<RecordedState, 'attempts'> & { readonly failure: OperatorError | undefined }> {
  const forgotten = await findForgotten(repository, [...attempts.values()].flat(), timeout);
  if (forgotten instanceof OperatorError) return { attempts, failure: forgotten };
  if (forgotten.size === 0) return { attempts, failure: undefined };
  const updates = [...forgotten].map(([ref, tag]) => ({ ref, id: undefined, expected: tag }));
  // Another process may have deleted them as well, and a clone that cannot be written to is reported later.
  await updateRefs(repository, updates).catch(() => undefined);
  const left = new Map<string, readonly Attempt[]>();
  for (const [key, some] of attempts) {
    const kept = some.filter(({ ref }) => !forgotten.has(ref));
    if (kept.length > 0) left.set(key, kept);
  }
  return { attempts: left, failure: undefined };
}

async function notContained(
  repository: Repository,
  head: Commit,
  lastApplied: ReadonlyMap<string, LastApplied>,
): Promise<Commit[]> {
  const commits = new Map([...lastApplied.values()].map(({ commit }) => [commit.id, commit]));
  const rewound: Commit[] = [];
  for (const commit of commits.values()) {
    if (!(await isAncestor(repository.git, commit.id, head.id))) rewound.push(commit);
  }
  return rewound;
}

/** The last-applied commits since which at most one commit changed `paths`: then HEAD has everything declared since. */
async function currentCommits(
  repository: Repository,
  head: Commit,
  lastApplied: ReadonlyMap<string, LastApplied>,
  paths: readonly string[],
): Promise<ReadonlySet<string>> {
  const current = new Set<string>();
  for (const id of new Set([...lastApplied.values()].map(({ commit }) => commit.id))) {
    if ((await countFirstParentCommits(repository.git, id, head.id, paths)) <= 1) current.add(id);
  }
  return current;
}

function fetchWarning({ message, hint }: OperatorError): string {
  return `${message}: apply refuses to start without them (${hint ?? ''})`;
}

function rewindWarning(commit: Commit): string {
  return `HEAD does not contain ${shortId(commit.id)}, which was last applied: what it changed would be undone (merge or rebase first)`;
}
