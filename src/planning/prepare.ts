import { OperatorError } from '../diagnostics/operator-error.js';
import { interruption } from '../history/git/interruption.js';
import type { ConnectOptions } from '../launchdarkly/http/api.js';
import { checkBaseUrl } from '../launchdarkly/http/base-url.js';
import type { FlagReader } from '../launchdarkly/client.js';
import { systemClock } from '../launchdarkly/clock.js';
import { expectedUserRoute } from '../launchdarkly/user-route.js';
import { buildPlan, type PlannedScope } from '../reconcile/build.js';
import { compareScope } from '../reconcile/compare.js';
import { questionsFor } from '../reconcile/ownership.js';
import { pacesOf } from '../reconcile/pace.js';
import type { Plan } from '../reconcile/plan.js';
import type { ScopePolicy } from '../reconcile/policy.js';
import { type LiveProject, type ScopeId, scopeKey } from '../reconcile/state.js';
import type { WritePolicy } from '../reconcile/write-policy.js';
import { printable } from '../report/escape.js';
import { version } from '../version.js';
import { DeclarationsInvalid, type Declared, declare } from './read-declarations.js';
import { askHistory, type Histories, historyOf, declaredFlags, scopeHistories } from './scope-histories.js';
import type { Io } from '../terminal/io.js';
import { checkNameFilters, checkScopeFilters } from './known-names.js';
import { openLimits } from './remembered-limits.js';
import { readLive } from './live.js';
import type { PlanningOptions } from './options.js';
import { type Fetching, type GitState, readGitState } from './git-state.js';
import { type CoveredScope, coveredScopes } from './scopes.js';

/** A plan with what it was made from. */
export interface PlanningResult {
  readonly declared: Declared;
  readonly past: GitState;
  readonly plan: Plan;
}

type TouchableScope = CoveredScope & { readonly policy: ScopePolicy };

/** How planning gets at LaunchDarkly: what comes back has no method that writes. */
export type Connect = (options: ConnectOptions) => FlagReader;

/**
 * From the files to the plan: declare, look at history, read what is live, compare, ask history about the rest, decide.
 * @param fetching what becomes of the last-applied refs, unless the remote is to be left alone
 * @throws OperatorError, DeclarationsInvalid
 */
export async function prepare(
  options: PlanningOptions,
  io: Io,
  connect: Connect,
  onWait: ConnectOptions['onWait'],
  fetching: Fetching = 'if possible',
): Promise<PlanningResult> {
  const declared = await declare({
    cwd: io.cwd,
    config: options.config,
    allowEmpty: options.allowEmpty,
    signal: io.signal,
  });
  const { config } = declared;
  const baseUrl = checkBaseUrl({ fromFile: config.baseUrl, fromOutside: options.baseUrl });
  const { host } = new URL(baseUrl);
  const limits = openLimits(declared.workspace.root, host);
  const reader = connect({
    baseUrl,
    token: requireToken(options.token),
    api: config.api,
    rate: config.rate,
    timeouts: config.timeouts,
    clock: systemClock,
    signal: io.signal,
    onWait,
    onLimits: limits.note,
    userRoute: limits.userRoute,
    version,
  });
  io.stderr(`${printable(configurationWords(declared))} · ${baseUrl}\n`);
  const fetched = options.offline ? 'no' : fetching;
  const past = await readGitState(declared, host, fetched, reader.run.timeLeft());
  const covered = coveredScopes(
    declared.desired,
    config,
    [...past.lastApplied.values()].map(({ scope }) => scope),
  );
  checkScopeFilters(options.filter, covered);
  const allowed = covered.flatMap((scope) =>
    scope.policy === undefined ? [] : { ...scope, policy: scope.policy },
  );
  refuseShallow(past, allowed);

  const histories = await scopeHistories(past, covered);
  declared.cache?.save();
  const { live, gone } = await readLive(
    reader,
    allowed.map((scope) => ({ ...scope, ...declaredFlags(scope.scope, past, histories) })),
  );
  const touchable = allowed.filter(({ scope }) => !gone.includes(scope));
  const writes = {
    mode: options.batch === true ? 'batch' : config.writes,
    values: config.batch.values,
  } as const;
  const scopes = touchable.map((scope) =>
    planScope(scope, live.get(scope.scope.project), histories, io.now(), writes.mode),
  );
  const diagnostics = scopes.flatMap(({ comparison }) => comparison.diagnostics);
  if (diagnostics.length > 0) throw new DeclarationsInvalid({ ...declared.findings, diagnostics });

  await checkNameFilters(options.filter, {
    covered,
    histories,
    live,
    scopes: touchable.map(({ scope }) => scope),
    reader,
  });
  const questions = scopes.flatMap(({ comparison, live: project }) => questionsFor(comparison, project));
  const asked = await askHistory(past, questions, declared);
  declared.cache?.save();
  // Whatever was under way is finished; a plan that nobody waits for is not.
  if (io.signal.aborted) throw interruption();
  const plan = buildPlan({
    baseUrl,
    head: past.git?.head,
    scopes,
    released: covered
      .filter(({ policy }) => policy === undefined)
      .map(({ scope }) => ({ scope, history: historyOf(histories, scopeKey(scope)) })),
    answers: asked.answers,
    filter: options.filter,
    shard: options.shard,
    options: { noRemovals: options.noRemovals, force: options.force },
    accept: config.accept,
    warnings: [...past.warnings, ...gone.map(goneWarning), ...histories.warnings, ...asked.warnings],
    writes,
    paces: pacesOf({
      rate: config.rate,
      seen: limits.seen(),
      api: expectedUserRoute(config.api, limits.userRoute, io.now()),
    }),
  });
  return { declared, past, plan };
}

/** The ref stays: whoever deletes it says that the scope is meant to be gone, and not misspelt or out of the token's sight. */
function goneWarning(scope: ScopeId): string {
  const forget = 'delete its ref under refs/flagops/applied, here and at the remote, to forget it';
  return `${scopeKey(scope)} was applied once, and LaunchDarkly has it no longer: ${forget}`;
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
function refuseShallow(past: GitState, scopes: readonly { readonly policy: ScopePolicy }[]): void {
  if (past.git?.repository.shallow !== true) return;
  if (!scopes.some(({ policy }) => policy.prune === 'owned')) return;
  throw new OperatorError('shallow-clone', 'this clone is shallow: it cannot tell what was once declared', {
    hint: 'fetch-depth: 0 in actions/checkout, or git fetch --unshallow',
  });
}

function planScope(
  scope: TouchableScope,
  live: LiveProject | undefined,
  histories: Histories,
  now: number,
  mode: WritePolicy['mode'],
): PlannedScope {
  if (live === undefined) throw new TypeError(`the project ${scope.scope.project} was not read`);
  return {
    comparison: compareScope(scope.desired, live, scope.policy, now, mode),
    live,
    history: historyOf(histories, scopeKey(scope.scope)),
    declared: scope.desired.overrides,
  };
}
