import { OperatorError } from '../diagnostics/operator-error.js';
import type { ConnectOptions } from '../launchdarkly/api.js';
import { checkBaseUrl } from '../launchdarkly/base-url.js';
import type { FlagReader } from '../launchdarkly/client.js';
import { systemClock } from '../launchdarkly/clock.js';
import { buildPlan, type PlannedScope } from '../reconcile/build.js';
import { compareScope } from '../reconcile/compare.js';
import { type Answers, type Question, questionsFor, type ScopeHistory } from '../reconcile/ownership.js';
import type { Plan } from '../reconcile/plan.js';
import type { ScopePolicy } from '../reconcile/policy.js';
import { type DeclaredState, type LiveProject, parseOverrideKey, scopeKey } from '../reconcile/state.js';
import { version } from '../version.js';
import { DeclarationsInvalid, type Declared, declare } from './declare.js';
import type { Io } from './io.js';
import { readLive } from './live.js';
import type { PlanningOptions } from './options.js';
import { type Past, readPast } from './past.js';
import { type CoveredScope, coveredScopes } from './scopes.js';

/** A plan with what it was made from. */
export interface Prepared {
  readonly declared: Declared;
  readonly past: Past;
  readonly plan: Plan;
}

type TouchableScope = CoveredScope & { readonly policy: ScopePolicy };

/** How planning gets at LaunchDarkly: what comes back has no method that writes. */
export type Connect = (options: ConnectOptions) => FlagReader;

/**
 * From the files to the plan: declare, look at history, read what is live, compare, ask history about the rest, decide.
 * @throws OperatorError, DeclarationsInvalid
 */
export async function prepare(
  options: PlanningOptions,
  io: Io,
  connect: Connect,
  onWait: ConnectOptions['onWait'],
): Promise<Prepared> {
  const declared = await declare({ cwd: io.cwd, config: options.config, allowEmpty: options.allowEmpty });
  const { config } = declared;
  const baseUrl = checkBaseUrl({ fromFile: config.baseUrl?.value, fromOutside: options.baseUrl });
  const reader = connect({
    baseUrl,
    token: requireToken(options.token),
    api: config.api,
    rate: config.rate,
    timeouts: config.timeouts,
    clock: systemClock,
    signal: io.signal,
    onWait,
    version,
  });
  io.stderr(`${configurationWords(declared)} · ${baseUrl}\n`);
  const past = await readPast(declared, new URL(baseUrl).host, options.offline);
  const covered = coveredScopes(
    declared.desired,
    config,
    [...past.lastApplied.values()].map(({ scope }) => scope),
  );
  const touchable = covered.flatMap((scope) =>
    scope.policy === undefined ? [] : { ...scope, policy: scope.policy },
  );
  refuseShallow(past, touchable);

  const histories = await scopeHistories(past, covered);
  const live = await readLive(
    reader,
    touchable.map((scope) => ({ ...scope, ...onceDeclared(scope, past, histories) })),
  );
  const scopes = touchable.map((scope) =>
    planScope(scope, live.get(scope.scope.project), histories, io.now()),
  );
  const diagnostics = scopes.flatMap(({ comparison }) => comparison.diagnostics);
  if (diagnostics.length > 0) throw new DeclarationsInvalid({ ...declared.findings, diagnostics });

  const questions = scopes.flatMap(({ comparison, live: project }) => questionsFor(comparison, project));
  const asked = await askHistory(past, questions, declared);
  const plan = buildPlan({
    baseUrl,
    head: past.git?.head,
    scopes,
    released: covered
      .filter(({ policy }) => policy === undefined)
      .map(({ scope }) => ({ scope, history: historyOf(histories, scopeKey(scope)) })),
    answers: asked.answers,
    filter: options.filter,
    options: { noRemovals: options.noRemovals, force: options.force },
    warnings: [...past.warnings, ...histories.warnings, ...asked.warnings],
    writesPerSecond: config.rate.writesPerSecond,
  });
  return { declared, past, plan };
}

/** Which configuration holds, so that nobody wonders why another one does not. */
function configurationWords({ workspace }: Declared): string {
  return workspace.configExists
    ? `configuration ${workspace.configPath}`
    : 'no flagops.yaml: the defaults hold';
}

function requireToken(token: string | undefined): string {
  if (token !== undefined && token.trim() !== '') return token.trim();
  throw new OperatorError('no-token', 'LAUNCHDARKLY_ACCESS_TOKEN is not set', {
    hint: 'export an access token; a reader token is enough for plan',
  });
}

/** A clone that was cut off cannot tell what was once declared, and `owned` would silently leave it live. */
function refuseShallow(past: Past, scopes: readonly { readonly policy: ScopePolicy }[]): void {
  if (past.git?.repository.shallow !== true) return;
  if (!scopes.some(({ policy }) => policy.prune === 'owned')) return;
  throw new OperatorError('shallow-clone', 'this clone is shallow: it cannot tell what was once declared', {
    hint: 'fetch-depth: 0 in actions/checkout, or git fetch --unshallow',
  });
}

interface Histories {
  readonly byScope: ReadonlyMap<string, ScopeHistory>;
  readonly warnings: readonly string[];
}

const NO_HISTORY: ScopeHistory = { lastApplied: undefined, declaredThen: undefined };

function historyOf(histories: Histories, key: string): ScopeHistory {
  return histories.byScope.get(key) ?? NO_HISTORY;
}

/**
 * The flags in which overrides of ours can be live: what was declared when the scope was last applied. There may be
 * more where commits since, other than HEAD, asked for overrides, or where nothing was ever applied.
 */
function onceDeclared(
  { scope }: TouchableScope,
  past: Past,
  histories: Histories,
): { readonly once: ReadonlySet<string>; readonly mayBeMore: boolean } {
  const key = scopeKey(scope);
  const { declaredThen } = historyOf(histories, key);
  const once = new Set(
    [...(declaredThen ?? new Map()).keys()].map((override) => parseOverrideKey(override).flag),
  );
  const isAll =
    declaredThen !== undefined && past.dirty.length === 0 && past.stepsSince.get(key) === 'at most HEAD';
  return { once, mayBeMore: past.git !== undefined && !isAll };
}

/** What was declared in each scope when it was last applied. */
async function scopeHistories(past: Past, covered: readonly CoveredScope[]): Promise<Histories> {
  const byScope = new Map<string, ScopeHistory>();
  const warnings: string[] = [];
  const byCommit = new Map<string, DeclaredState>();
  for (const { scope } of covered) {
    const commit = past.lastApplied.get(scopeKey(scope))?.commit;
    if (commit === undefined || past.git === undefined) continue;
    let declared = byCommit.get(commit.id);
    if (declared === undefined) {
      const read = await past.git.history.declaredAt(commit.id);
      declared = read.declared;
      warnings.push(...read.warnings);
      byCommit.set(commit.id, declared);
    }
    byScope.set(scopeKey(scope), {
      lastApplied: commit,
      declaredThen: declared.get(scopeKey(scope)) ?? new Map(),
    });
  }
  return { byScope, warnings };
}

function planScope(
  scope: TouchableScope,
  live: LiveProject | undefined,
  histories: Histories,
  now: number,
): PlannedScope {
  if (live === undefined) throw new TypeError(`the project ${scope.scope.project} was not read`);
  return {
    comparison: compareScope(scope.desired, live, scope.policy, now),
    live,
    history: historyOf(histories, scopeKey(scope.scope)),
    declared: scope.desired.overrides,
  };
}

async function askHistory(
  past: Past,
  questions: readonly Question[],
  declared: Declared,
): Promise<{ answers: Answers; warnings: readonly string[] }> {
  if (past.git === undefined || questions.length === 0) return { answers: new Map(), warnings: [] };
  const desired: DeclaredState = new Map(
    [...declared.desired].map(([key, scope]) => [
      key,
      new Map([...scope.overrides].map(([override, { setting }]) => [override, setting])),
    ]),
  );
  return past.git.history.answer({ lastApplied: past.lastApplied, questions, desired });
}
