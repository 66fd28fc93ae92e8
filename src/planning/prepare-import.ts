import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { MAX_OVERRIDES } from '../declare/parse/limits.js';
import { type NewDeclaration, newDeclarations, partOf, type Split } from '../declare/write/files.js';
import type { WrittenOverride } from '../declare/write/render.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { interruption } from '../history/git/interruption.js';
import type { FlagReader } from '../launchdarkly/client.js';
import { type ChangeFilter, checkFilter, overrideFilter } from '../reconcile/filter.js';
import { type OverrideId, parseContextKey, type ScopeId, scopeKey } from '../reconcile/state.js';
import { printable } from '../report/escape.js';
import type { LeftOut } from '../report/import-text.js';
import { checkImport } from './check-import.js';
import { compareScopes } from './compare-scopes.js';
import { openConnection } from './connection.js';
import { type LiveImport, readEverything } from './everything-live.js';
import { placeFor } from './import-place.js';
import { importScopes } from './import-scopes.js';
import { BY_FLAG, checkSplit, contextsOf, splitFor } from './import-split.js';
import { importable } from './importable.js';
import { checkContextGlobs, checkNameFilters, type Known } from './known-names.js';
import { configurationNotice, type PlanningIo, type PrepareOptions } from './prepare.js';
import { type Declared, declare } from './read-declarations.js';
import type { Histories } from './scope-histories.js';
import type { CoveredScope, ManagedScope } from './scopes.js';
import { checkSelection, type ScopeSelection } from './selection.js';

/** The options of `import`. */
export interface ImportOptions {
  /** From `LAUNCHDARKLY_ACCESS_TOKEN`. */
  readonly token: string | undefined;
  /** From `--base-url` or `LAUNCHDARKLY_BASE_URL`. */
  readonly baseUrl: string | undefined;
  readonly config: string | undefined;
  readonly selection: ScopeSelection;
  readonly filter: ChangeFilter;
  /** `flag`, or globs of contexts; empty for one file for each scope. */
  readonly split: readonly string[];
  /** Whether to replace existing files. */
  readonly force: boolean;
}

/** A declaration to write, and where. */
export interface ImportedFile extends NewDeclaration {
  /** Relative to the root, with `/`. */
  readonly path: string;
  /** Whether a file with that path exists and is to be replaced. */
  readonly replaces: boolean;
}

/** What an import writes, and what it leaves out. */
export interface Import {
  readonly declared: Declared;
  readonly scopes: readonly ScopeId[];
  /** Sorted by scope and path. */
  readonly files: readonly ImportedFile[];
  /** Sorted by scope and reason. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Reads the declarations and LaunchDarkly, and makes declarations of everything that is live and not declared. Writes
 * nothing. What it returns was checked: with those files, a plan shows no change that it did not show before.
 * @throws OperatorError, DeclarationsInvalid
 */
export async function prepareImport(
  options: ImportOptions,
  io: PlanningIo,
  { connect, onWait }: Pick<PrepareOptions<FlagReader>, 'connect' | 'onWait'>,
): Promise<Import> {
  const { cwd, signal } = io;
  checkSelection(options.selection);
  checkFilter(options.filter);
  checkSplit(options.split);
  const source = { cwd, config: options.config, allowEmpty: true, now: io.now(), signal };
  const existing = await declare(source);
  const { client, baseUrl } = openConnection(existing, options, connect, onWait, signal);
  io.stderr(`${printable(configurationNotice(existing))} · ${baseUrl}\n`);
  const { covered, selected } = importScopes(existing, options.selection);
  const everything = await readEverything(client, selected);
  const live = new Map([...everything].map(([project, read]) => [project, read.live]));
  const known: Known = {
    selection: options.selection,
    covered,
    histories: NO_HISTORIES,
    live,
    scopes: selected.map(({ scope }) => scope),
    reader: client,
  };
  await checkNameFilters(options.filter, known);
  checkContextGlobs('--split', contextsOf(options.split), known, [BY_FLAG]);
  const isSelected = overrideFilter(options.filter);
  const targets = selected.map((managed) => ({
    managed,
    split: splitFor(options.split, sharesFolder(managed.scope, covered) ? `${managed.scope.project}-` : ''),
    place: placeFor(existing, managed.scope, managed.policy),
  }));
  const replaced = options.force
    ? filesToReplace(existing, targets, everything, isSelected)
    : new Set<string>();
  const declared = replaced.size === 0 ? existing : await declare({ ...source, without: replaced });
  const nothing = new Map<string, never>();
  const left = selected.map((managed) => ({
    ...managed,
    desired: declared.desired.get(scopeKey(managed.scope)) ?? { scope: managed.scope, overrides: nothing },
  }));
  const compared = compareScopes(left, {
    live,
    histories: NO_HISTORIES,
    now: io.now(),
    mode: declared.config.writes,
    findings: declared.findings,
  });
  const files: ImportedFile[] = [];
  const leftOut: LeftOut[] = [];
  const taken = new Set<string>();
  let room = MAX_OVERRIDES - declared.findings.overrides;
  for (const { comparison } of compared) {
    const { scope } = comparison;
    const read = everything.get(scope.project);
    const target = targets.find(({ managed }) => scopeKey(managed.scope) === scopeKey(scope));
    if (read === undefined || target === undefined) throw new TypeError(`${scopeKey(scope)} was not read`);
    const found = importable(comparison, read, isSelected);
    const { declarations, refused } = newDeclarations(scope, found.overrides.slice(0, room), target.split);
    leftOut.push(
      ...found.leftOut,
      ...leaveOut(scope, found.overrides.slice(room), 'too-many'),
      ...leaveOut(scope, refused, 'refused'),
    );
    room = Math.max(0, room - found.overrides.length);
    for (const declaration of declarations) {
      const wanted = target.place(declaration.name);
      const replaces = replaced.has(wanted) && !taken.has(wanted.toLowerCase());
      const path = replaces ? wanted : freePath(declared.workspace.root, wanted, taken);
      taken.add(path.toLowerCase());
      files.push({ ...declaration, path, replaces });
    }
  }
  if (signal.aborted) throw interruption();
  checkImport({ declared, files, live, compared, now: io.now() });
  return { declared, scopes: compared.map(({ comparison }) => comparison.scope), files, leftOut };
}

/** An import asks nothing about the past. */
const NO_HISTORIES: Histories = {
  byScope: new Map(),
  flagsSince: new Map(),
  datedSince: new Map(),
  warnings: [],
};

interface Target {
  readonly managed: ManagedScope;
  readonly split: Split;
  readonly place: (name: string) => string;
}

/** Whether another project has an environment of that name: their files are in the same folder by default. */
function sharesFolder({ project, environment }: ScopeId, covered: readonly CoveredScope[]): boolean {
  return covered.some(({ scope }) => scope.environment === environment && scope.project !== project);
}

/**
 * The existing files in which the live overrides belong. What they declare is imported again, as it is live.
 * @throws OperatorError `import-shared-file` if one declares for other scopes too, whose overrides would be lost
 */
function filesToReplace(
  { declarations, workspace }: Declared,
  targets: readonly Target[],
  everything: ReadonlyMap<string, LiveImport>,
  isSelected: (override: OverrideId) => boolean,
): ReadonlySet<string> {
  const replaced = new Set<string>();
  for (const { managed, split, place } of targets) {
    const { scope } = managed;
    const paths = new Set<string>();
    for (const flag of everything.get(scope.project)?.live.flags.values() ?? []) {
      for (const context of flag.environments.get(scope.environment)?.targets.keys() ?? []) {
        const override = { flag: flag.key, ...parseContextKey(context) };
        if (isSelected(override)) paths.add(place(partOf(override, split)));
      }
    }
    for (const path of paths) {
      if (!existsSync(join(workspace.root, path))) continue;
      const other = declarations
        .filter(({ at }) => at.file === path)
        .flatMap(({ scopes }) => scopes)
        .find((declaredFor) => scopeKey(declaredFor) !== scopeKey(scope));
      if (other !== undefined) {
        throw new OperatorError(
          'import-shared-file',
          `${path} cannot be replaced: it declares for ${scopeKey(other)} too`,
          { hint: 'split it by environment, or leave out --force to write a new file' },
        );
      }
      replaced.add(path);
    }
  }
  return replaced;
}

/**
 * The path, or the first numbered one that no file has.
 * @param taken in lower case, since not every file system tells upper from lower case
 */
function freePath(root: string, path: string, taken: ReadonlySet<string>): string {
  const { dir, name, ext } = posix.parse(path);
  let free = path;
  for (let number = 2; taken.has(free.toLowerCase()) || existsSync(join(root, free)); number += 1)
    free = posix.join(dir, `${name}-${number}${ext}`);
  return free;
}

function leaveOut(
  { project, environment }: ScopeId,
  overrides: readonly WrittenOverride[],
  reason: LeftOut['reason'],
): LeftOut[] {
  return overrides.map(({ flag, kind, key }) => ({ project, environment, flag, kind, key, reason }));
}
