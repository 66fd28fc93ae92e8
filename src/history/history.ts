import { type DeclaredSetting, type DeclaredState, parseOverrideKey } from '../reconcile/state.js';
import { objectsOf } from './git/object-reader.js';
import type { Repository } from './git/repository.js';
import { answerQuestions, type HistoryRequest, type HistoryResult } from './walk/answer-questions.js';
import { BlobCache, type HistoryFormat } from './walk/blob-cache.js';
import { DeclarationIndex, sameDeclaration } from './walk/declaration-index.js';
import { readFile, Snapshot, type Source } from './walk/snapshot.js';
import { Walk } from './walk/walk.js';

/** What one commit declares. */
interface DeclaredAt {
  readonly declared: DeclaredState;
  /** Files that do not parse there, and therefore give no ownership. One line each. */
  readonly warnings: readonly string[];
}

/** The flags of each scope, by `scopeKey`. */
interface FlagsSince {
  readonly flags: ReadonlyMap<string, ReadonlySet<string>>;
  /** Files that do not parse in those commits. One line each. */
  readonly warnings: readonly string[];
}

/** The declarations in git history. Each file is parsed once, however many questions need it. */
export interface History {
  /** Everything that a commit declares, read with that commit's configuration. */
  declaredAt(commit: string): Promise<DeclaredAt>;
  /**
   * The flags for which a commit in HEAD's first-parent history, excluding ancestors of `commit`, declares overrides:
   * the flags that can have live overrides of ours. May contain a few more, but none is missing.
   */
  flagsSince(commit: string): Promise<FlagsSince>;
  /** Ownership and provenance of overrides, from one walk that reads no more commits than it needs. */
  answer(request: HistoryRequest): Promise<HistoryResult>;
}

/** Opens history. Reads nothing yet, and keeps no process running between calls. */
export function openHistory(repo: Repository, format: HistoryFormat): History {
  const reader = objectsOf(repo.git);
  const blobs = new BlobCache(reader, format);
  const reading = async <T extends object>(
    read: (source: Source) => Promise<T>,
  ): Promise<T & { warnings: readonly string[] }> => {
    const warnings = new Map<string, string>();
    const warn: Source['warn'] = (key, message) => void (warnings.has(key) || warnings.set(key, message));
    const release = reader.hold();
    try {
      const result = await read({ git: repo.git, blobs, configPath: format.configPath, warn });
      return { ...result, warnings: [...warnings.values()] };
    } finally {
      release();
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
  const merged = new Map<string, Map<string, DeclaredSetting>>();
  const disputed: [scope: string, override: string][] = [];
  if (!snapshot.readable) return merged;
  for (const [path, blob] of snapshot.files) {
    for (const [scope, overrides] of (await readFile(source, commit, path, blob)) ?? []) {
      const known = merged.get(scope) ?? new Map<string, DeclaredSetting>();
      merged.set(scope, known);
      for (const [override, setting] of overrides) {
        if (known.has(override) && !sameDeclaration(known.get(override), setting))
          disputed.push([scope, override]);
        known.set(override, setting);
      }
    }
  }
  // If files disagree about an override, none of them gives ownership of it.
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
  const walk = await Walk.from(repo, { ...source, onDeclared }, new DeclarationIndex([]), repo.head.id, [
    commit,
  ]);
  while ((await walk.stepBack()) !== undefined);
  return flags;
}
