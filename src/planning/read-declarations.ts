import type { Config } from '../config/config.js';
import { findWorkspace, globsOf, loadConfig, type Workspace } from '../config/find.js';
import type { DeclarationGlobs } from '../config/globs.js';
import { openCache, type ParsedCache } from '../declare/cache/cache.js';
import { type FileIds, fileIds } from '../declare/cache/blob-id.js';
import { rememberingParser } from '../declare/cache/remembered-config.js';
import { combine } from '../declare/combine.js';
import { discover } from '../declare/discover.js';
import { loadDeclarations } from '../declare/load.js';
import { passedDateWarnings } from '../declare/passed-dates.js';
import { policyProblems } from '../declare/policies.js';
import { MAX_DIAGNOSTICS } from '../declare/parse/limits.js';
import type { Declaration } from '../declare/parse/parse.js';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.js';
import { DiagnosticList } from '../diagnostics/list.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { findContentFilters } from '../history/git/content-filters.js';
import { findRepository, type FoundRepository } from '../history/git/repository.js';
import { declaredDates } from '../reconcile/declared-dates.js';
import type { DesiredState } from '../reconcile/state.js';
import type { Findings } from '../diagnostics/findings.js';
import { sourceLines } from './source-lines.js';

export interface DeclareOptions {
  readonly cwd: string;
  /** The path given with `--config`. */
  readonly config?: string | undefined;
  readonly allowEmpty: boolean;
  /** Epoch milliseconds, to find declared dates that have passed or are too far ahead. */
  readonly now: number;
  /** Declarations that are read as if they did not exist; relative to the root, with `/`. */
  readonly without?: ReadonlySet<string>;
  /** Contents that are read instead of those on disk, by path; also of declarations that do not exist yet. */
  readonly instead?: ReadonlyMap<string, Uint8Array>;
  /** Aborted when the run is interrupted. */
  readonly signal: AbortSignal;
}

/** The configuration and the declarations on disk, free of errors. */
export interface Declared {
  readonly workspace: Workspace;
  readonly config: Config;
  readonly globs: DeclarationGlobs;
  /** Undefined outside git. */
  readonly repository: FoundRepository | undefined;
  readonly desired: DesiredState;
  /** All declarations, sorted by path. */
  readonly declarations: readonly Declaration[];
  /** The same by the blob id of their file's content, so only one of those that are in identical files. */
  readonly byBlob: ReadonlyMap<string, Declaration>;
  /** The possible blob ids of each file that was read, configuration included, by path. */
  readonly ids: ReadonlyMap<string, FileIds>;
  /** The parsed files of earlier runs; undefined outside git. */
  readonly cache: ParsedCache | undefined;
  readonly findings: Findings;
}

/** Thrown for errors in the configuration or the declarations, with all of them. */
export class DeclarationsInvalid extends Error {
  override readonly name = 'DeclarationsInvalid';
  readonly findings: Findings;

  constructor(findings: Findings, what = 'the declarations are') {
    super(`${what} not valid`);
    this.findings = findings;
  }
}

/**
 * Reads the configuration and all declarations, and checks them offline.
 * @throws DeclarationsInvalid if anything in them is an error
 * @throws OperatorError `no-declarations` if no file matches; and if git refuses to read the repository
 */
export async function declare(options: DeclareOptions): Promise<Declared> {
  const workspace = findWorkspace(options.cwd, options.config);
  const lines = sourceLines(workspace.root);
  const finding = findRepository(workspace.root, options.signal);
  // Read and parsed while git answers. If git refuses the repository, that is the error to report.
  const cache = openCache(workspace.root);
  const loading = loadConfig(workspace, rememberingParser(cache));
  loading.catch(() => {});
  const repository = await finding;
  const { config, file, diagnostics } = await loading;
  const filtered = async (paths: readonly string[]): Promise<readonly Diagnostic[]> => {
    const list = new DiagnosticList(MAX_DIAGNOSTICS);
    const all = file === undefined ? paths : [file.path, ...paths];
    const found = repository === undefined ? [] : await findContentFilters(repository, all);
    for (const diagnostic of found) list.add(diagnostic);
    return list.all();
  };
  if (config === undefined) {
    const all = [...diagnostics, ...(await filtered([]))];
    throw new DeclarationsInvalid(
      { diagnostics: all, files: 0, overrides: 0, lines },
      'the configuration is',
    );
  }
  const globs = globsOf(config, workspace);
  const discovered = await discover(workspace.root, globs);
  const planned = [...(options.instead?.keys() ?? [])].filter((path) => globs.matches(path));
  const found = {
    ...discovered,
    paths: [...new Set([...discovered.paths, ...planned])]
      .filter((path) => options.without?.has(path) !== true)
      .toSorted(),
  };
  // Git checks the attributes of the files while they are parsed.
  const [filters, loaded] = await Promise.all([
    filtered(found.paths.map((path) => found.links.get(path) ?? path)),
    loadDeclarations(workspace.root, found.paths, cache, repository?.objectFormat, options.instead),
  ]);
  const combined = combine(loaded.declarations, config, { ...workspace, links: found.links });
  const { past, soon } = declaredDates(combined.desired.values(), options.now);
  const all: readonly Diagnostic[] = [
    ...diagnostics,
    ...filters,
    ...found.diagnostics,
    ...loaded.diagnostics,
    ...combined.diagnostics,
    ...policyProblems(combined.desired, config, options.now),
    ...passedDateWarnings(past),
  ];
  let overrides = 0;
  for (const scope of combined.desired.values()) overrides += scope.overrides.size;
  const findings: Findings = {
    diagnostics: all,
    files: found.paths.length,
    overrides,
    lines,
    ...(soon.length === 0 ? {} : { soon }),
  };
  if (hasErrors(all)) throw new DeclarationsInvalid(findings);
  if (found.paths.length === 0 && !options.allowEmpty) {
    throw new OperatorError(
      'no-declarations',
      `no file matches ${config.declarations.join(', ')} in ${workspace.root}`,
      {
        hint: workspace.configExists
          ? `fix declarations in ${workspace.configPath}, or pass --allow-empty`
          : 'write overrides/example.yaml, or set declarations in flagops.yaml; --allow-empty continues without files',
      },
    );
  }
  const ids = new Map(loaded.ids);
  if (file !== undefined) ids.set(workspace.configPath, fileIds(file.bytes, repository?.objectFormat));
  const { desired } = combined;
  const { declarations, byBlob } = loaded;
  return { workspace, config, globs, repository, desired, declarations, byBlob, ids, cache, findings };
}
