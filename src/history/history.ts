import { type DeclaredState, parseOverrideKey, type Setting } from '../reconcile/state.js';
import { answerQuestions, type HistoryRequest } from './walk/answer-questions.js';
import { BlobCache } from './walk/blob-cache.js';
import { BlobReader } from './git/blob-reader.js';
import type { HistoryFormat } from './walk/format.js';
import type { HistoryResult } from './walk/questions.js';
import type { Repository } from './git/repository.js';
import { readFile, Snapshot, type Source } from './walk/snapshot.js';
import { sameSetting, DeclarationIndex } from './walk/declaration-index.js';
import { Walk } from './walk/walk.js';

/** What one commit declares. */
interface DeclaredAt {
  readonly declared: DeclaredState;
  /** What does not parse there, and therefore owns nothing. One line each. */
  readonly warnings: readonly string[];
}

/** The flags of each scope, by `scopeKey`. */
interface FlagsSince {
  readonly flags: ReadonlyMap<string, ReadonlySet<string>>;
  /** What does not parse there. One line each. */
  readonly warnings: readonly string[];
}

/** The declarations of the past. Files are parsed once each, however many questions need them. */
export interface History {
  /** Everything that a commit declares, read with that commit's own configuration. */
  declaredAt(commit: string): Promise<DeclaredAt>;
  /**
   * The flags that a commit along HEAD's first parents declared overrides of, after another commit. There may be a
   * few more, but none is missing: these are the flags in which overrides of ours can be live.
   */
  flagsSince(commit: string): Promise<FlagsSince>;
  /** Ownership and provenance of overrides, from one walk over no more commits than the questions need. */
  answer(request: HistoryRequest): Promise<HistoryResult>;
}

/** Nothing is read yet. Between calls no process is left running. */
export function openHistory(repo: Repository, format: HistoryFormat): History {
  const reader = new BlobReader(repo.git);
  const blobs = new BlobCache(reader, format);
  let users = 0;
  /** Calls may overlap; the process that reads blobs ends with the last one. */
  const reading = async <T extends object>(
    read: (source: Source) => Promise<T>,
  ): Promise<T & { warnings: readonly string[] }> => {
    const warnings = new Map<string, string>();
    const warn: Source['warn'] = (key, message) => void (warnings.has(key) || warnings.set(key, message));
    users += 1;
    try {
      const result = await read({ git: repo.git, blobs, configPath: format.configPath, warn });
      return { ...result, warnings: [...warnings.values()] };
    } finally {
      users -= 1;
      if (users === 0) reader.close();
    }
  };
  return {
    declaredAt: (commit) => reading(async (source) => ({ declared: await readDeclared(source, commit) })),
    flagsSince: (commit) =>
      reading(async (source) => ({ flags: await readFlagsSince(repo, source, commit) })),
    answer: (request) =>
      reading(async (source) => {
        const before = blobs.parsed;
        const { answers, commits } = await answerQuestions(repo, source, request);
        return { answers, statistics: { commits, blobsParsed: blobs.parsed - before } };
      }),
  };
}

async function readDeclared(source: Source, commit: string): Promise<DeclaredState> {
  const snapshot = new Snapshot(source);
  await snapshot.load(commit);
  const merged = new Map<string, Map<string, Setting>>();
  const disputed: [scope: string, override: string][] = [];
  if (!snapshot.readable) return merged;
  for (const [path, blob] of snapshot.files) {
    for (const [scope, overrides] of (await readFile(source, commit, path, blob)) ?? []) {
      const known = merged.get(scope) ?? new Map<string, Setting>();
      merged.set(scope, known);
      for (const [override, setting] of overrides) {
        if (known.has(override) && !sameSetting(known.get(override), setting))
          disputed.push([scope, override]);
        known.set(override, setting);
      }
    }
  }
  // Files that disagree about an override own nothing of it.
  for (const [scope, override] of disputed) merged.get(scope)?.delete(override);
  return merged;
}

async function readFlagsSince(
  repo: Repository,
  source: Source,
  commit: string,
): Promise<Map<string, Set<string>>> {
  const flags = new Map<string, Set<string>>();
  if (repo.head === undefined) return flags;
  const onDeclared = (declared: DeclaredState): void => {
    for (const [scope, overrides] of declared) {
      const known = flags.get(scope) ?? new Set();
      flags.set(scope, known);
      for (const override of overrides.keys()) known.add(parseOverrideKey(override).flag);
    }
  };
  const walk = await Walk.from(repo, { ...source, onDeclared }, new DeclarationIndex([]), repo.head.id, [commit]);
  while ((await walk.stepBack()) !== undefined);
  return flags;
}
