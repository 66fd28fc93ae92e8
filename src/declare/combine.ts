import { type Config, policyOf } from '../config/config.js';
import type { Diagnostic, Position } from '../diagnostics/diagnostic.js';
import { DiagnosticList } from '../diagnostics/list.js';
import { didYouMean } from '../diagnostics/nearest.js';
import { manageRules } from '../reconcile/manage.js';
import { flagFilter, type ScopePolicy } from '../reconcile/policy.js';
import { settingKey } from '../reconcile/setting.js';
import {
  contextKey,
  type DesiredOverride,
  type DesiredState,
  overrideKeyOf,
  type ScopeId,
  scopeKey,
} from '../reconcile/state.js';
import { showOverride, showSetting } from '../reconcile/show.js';
import { MAX_DIAGNOSTICS, MAX_OVERRIDES } from './parse/limits.js';
import type { Declaration } from './parse/parse.js';
import { scopeFiles, type ScopeFilesPlace } from './scope-files.js';

/** The desired state that all declarations define, and the conflicts between them. */
export interface Combination {
  readonly desired: DesiredState;
  readonly diagnostics: readonly Diagnostic[];
}

/** Merges declarations and checks the rules across files. Pure: expired overrides are still included. */
export function combine(
  declarations: readonly Declaration[],
  config: Config,
  place: ScopeFilesPlace,
): Combination {
  const diagnostics = new Distinct();
  const desired = new Map<string, { scope: ScopeId; overrides: Map<string, DesiredOverride> }>();
  const filters = new Map<string, (flag: string) => boolean>();
  const fileProblem = scopeFiles(place);
  let count = 0;
  for (const declaration of declarations) {
    for (const { at, ...scope } of declaration.scopes) {
      const policy = policyOf(config, scope);
      if (policy === undefined) {
        diagnostics.add(outsideScopes(scope, declaration.at, config));
        continue;
      }
      const misplaced = fileProblem(scope, policy, at);
      if (misplaced !== undefined) diagnostics.add(misplaced);
      count += declaration.overrides.length;
      if (count > MAX_OVERRIDES)
        return { desired, diagnostics: [...diagnostics.all(), tooMany(declaration.at)] };
      const key = scopeKey(scope);
      const entry = desired.get(key) ?? { scope, overrides: new Map<string, DesiredOverride>() };
      desired.set(key, entry);
      const mayTouch = filters.get(key) ?? flagFilter(policy);
      filters.set(key, mayTouch);
      for (const excluded of excludedFlags(declaration.overrides, scope, mayTouch)) diagnostics.add(excluded);
      let last: DesiredOverride | undefined;
      let context = '';
      for (const override of declaration.overrides) {
        // Consecutive overrides mostly have the same context: its key is built once.
        if (last?.key !== override.key || last.kind !== override.kind)
          context = contextKey(override.kind, override.key);
        last = override;
        const kept = override.setting.type === 'none' ? keptNull(override, policy) : undefined;
        if (kept !== undefined) diagnostics.add(kept);
        add(entry.overrides, overrideKeyOf(override.flag, context), override, diagnostics);
      }
    }
  }
  return { desired, diagnostics: diagnostics.all() };
}

function add(
  overrides: Map<string, DesiredOverride>,
  key: string,
  override: DesiredOverride,
  diagnostics: Distinct,
): void {
  const first = overrides.get(key);
  if (first === undefined) {
    overrides.set(key, override);
    return;
  }
  const what = showOverride(override);
  const where = `${first.at.file}:${first.at.line}:${first.at.col}`;
  if (settingKey(first.setting) === settingKey(override.setting)) {
    if (first.manage !== override.manage) {
      diagnostics.add(differentManage(override, first, where));
      return;
    }
    const message = `${what} is declared twice, first at ${where}`;
    diagnostics.add({
      severity: 'warning',
      code: 'declared-twice',
      message,
      hint: 'keep one of them',
      at: override.at,
    });
    if (outlives(override, first)) overrides.set(key, override);
    return;
  }
  const message = `${what} is ${showSetting(override.setting)} here and ${showSetting(first.setting)} at ${where}`;
  diagnostics.add({
    severity: 'error',
    code: 'declared-differently',
    message,
    hint: 'keep one of them',
    at: override.at,
  });
}

function differentManage(override: DesiredOverride, first: DesiredOverride, where: string): Diagnostic {
  const [here, there] = [override, first].map(({ manage }) =>
    manage === undefined ? 'no manage' : `manage: ${manage}`,
  );
  return {
    severity: 'error',
    code: 'declared-differently',
    message: `${showOverride(override)} has ${here} here and ${there} at ${where}`,
    hint: 'keep one of them',
    at: override.at,
  };
}

/** The error for a `null` that would remove nothing; undefined if it does, or if the override is left alone anyway. */
function keptNull({ flag, manage, at }: DesiredOverride, policy: ScopePolicy): Diagnostic | undefined {
  const mode = manage ?? policy.manage;
  const { adds, removes } = manageRules(mode);
  if (!adds || removes === 'any') return undefined;
  return {
    severity: 'error',
    code: 'null-kept',
    message: `${flag} is null, which removes an override, but with manage: ${mode} this one is never removed`,
    hint: 'delete it, or declare it in a file or a group with manage: full',
    at,
  };
}

/** If two declarations are equal, the one that expires later counts: until then, the override is wanted. */
function outlives(candidate: DesiredOverride, current: DesiredOverride): boolean {
  if (current.expires === undefined) return false;
  return candidate.expires === undefined || candidate.expires.at > current.expires.at;
}

function outsideScopes(scope: ScopeId, at: Position, config: Config): Diagnostic {
  const listed = (config.scopes ?? []).map(scopeKey);
  const message = `the scope ${scopeKey(scope)} is not listed in the configuration`;
  const hint =
    didYouMean(scopeKey(scope), listed) ??
    `add it to scopes in the configuration, which lists ${listed.join(', ') || 'none'}, or correct it here`;
  return { severity: 'error', code: 'scope-not-listed', message, hint, at };
}

/** Reports an excluded flag once per file and scope, at its first override. */
function excludedFlags(
  overrides: readonly DesiredOverride[],
  scope: ScopeId,
  mayTouch: (flag: string) => boolean,
): Diagnostic[] {
  const times = new Map<string, { readonly at: Position; count: number }>();
  for (const { flag, at } of overrides) {
    const known = times.get(flag);
    if (known === undefined) times.set(flag, { at, count: 1 });
    else known.count += 1;
  }
  return [...times]
    .filter(([flag]) => !mayTouch(flag))
    .map(([flag, { at, count }]) => {
      const others = count > 1 ? ` (and ${count - 1} more)` : '';
      const message = `the configuration excludes ${flag} from ${scopeKey(scope)}${others}`;
      const hint = 'delete the override, or change flags.include and flags.exclude of the scope';
      return { severity: 'error', code: 'flag-excluded', message, hint, at };
    });
}

function tooMany(at: Position): Diagnostic {
  const message = `the declarations up to this file have more than ${MAX_OVERRIDES} overrides`;
  const hint = 'use a targeting rule or a segment for that many contexts';
  return { severity: 'error', code: 'too-many-overrides', message, hint, at };
}

/** Reports a problem once, even if a file for several environments has it in each of them. */
class Distinct {
  readonly #list = new DiagnosticList(MAX_DIAGNOSTICS);
  readonly #seen = new Set<string>();

  add(diagnostic: Diagnostic): void {
    const key = `${diagnostic.at.file}\n${diagnostic.at.line}\n${diagnostic.at.col}\n${diagnostic.message}`;
    if (this.#seen.has(key)) return;
    // Further ones are only counted, not compared.
    if (this.#seen.size < 2 * MAX_DIAGNOSTICS) this.#seen.add(key);
    this.#list.add(diagnostic);
  }

  all(): Diagnostic[] {
    return this.#list.all();
  }
}
