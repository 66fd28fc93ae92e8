import { relative, sep } from 'node:path';
import { interruption } from '../history/git/interruption.js';
import type { FlagReader } from '../launchdarkly/client.js';
import type { ConnectOptions } from '../launchdarkly/http/api.js';
import { expectedUserRoute } from '../launchdarkly/user-route.js';
import { buildPlan } from '../reconcile/build.js';
import { dateQuestions } from '../reconcile/dates.js';
import { declaredDates } from '../reconcile/declared-dates.js';
import { checkFilter } from '../reconcile/filter.js';
import type { ListedScope } from '../reconcile/list.js';
import { type HistoryAnswers, type Question, questionsFor } from '../reconcile/ownership.js';
import { type Paces, pacesOf } from '../reconcile/pace.js';
import type { Plan } from '../reconcile/plan.js';
import { scopedKey, scopeKey } from '../reconcile/state.js';
import type { WritePolicy } from '../reconcile/write-policy.js';
import { printable } from '../report/escape.js';
import { readAppliedPolicies } from './applied-policies.js';
import { compareScopes } from './compare-scopes.js';
import { type Connect, type Connection, openConnection } from './connection.js';
import { type Fetching, type GitState, readGitState, recordedScopes, refuseShallow } from './git-state.js';
import { checkNameFilters } from './known-names.js';
import { withDates } from './live-dates.js';
import { goneWarning, readLive } from './live.js';
import { readApprovals, readAttemptedRequests } from './open-approvals.js';
import { namedScopes, noScope } from './named-scopes.js';
import { refuseNewerAttempt } from './newer-attempt.js';
import type { PlanningOptions } from './options.js';
import { type Declared, declare, type DeclareOptions } from './read-declarations.js';
import { askHistory, declaredFlags, historyOf, scopeHistories, withManage } from './scope-histories.js';
import { coveredScopes, managedScopes } from './scopes.js';
import { checkSelection, isSelectedBy, selectScopes } from './selection.js';

/** A plan and its inputs. */
export interface PlanningResult {
  readonly declared: Declared;
  readonly past: GitState;
  readonly plan: Plan;
  /** When planning began, before anything was read; epoch milliseconds. */
  readonly plannedAt: number;
  /** Keys of the scopes in which approval requests of ours are open, or may be. */
  readonly waiting: ReadonlySet<string>;
}

/** A plan, and more of what it was made of. */
export interface Prepared<Client extends FlagReader> extends PlanningResult {
  /** The scopes that may be changed, as they were compared. */
  readonly scopes: readonly ListedScope[];
  readonly answers: HistoryAnswers;
  /** With which an apply can go on within the time of the run. */
  readonly client: Client;
  /** The paces of writes, from the rate limits that are known when it is called. */
  readonly paces: () => Paces;
}

/** The parts of the process that planning uses; an `Io` has all of them. */
export interface PlanningIo {
  /** Absolute path of the working directory. */
  readonly cwd: string;
  readonly stderr: (text: string) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Aborted when the run is interrupted. */
  readonly signal: AbortSignal;
}

/** How a command plans. */
export interface PrepareOptions<Client extends FlagReader> {
  readonly connect: Connect<Client>;
  readonly onWait: ConnectOptions['onWait'];
  /** Whether to fetch the last-applied refs first, unless `--local-refs` is given. */
  readonly fetching: Fetching;
  /** Whether to read every flag, even if the plan does not need all of them. */
  readonly everyFlag?: boolean;
  /**
   * What the command wants with a scope, for the error if there is none. If it is given, `--project` and `--environment`
   * can name scopes in which nothing is declared.
   */
  readonly anyScope?: string;
  /** Whether the filters may name flags and contexts that are not known. */
  readonly anyName?: boolean;
  /** Questions to history besides those of the plan. */
  readonly alsoAsk?: (scopes: readonly ListedScope[]) => readonly Question[];
  /** Contents of declarations that are planned with instead of those on disk, by path. */
  readonly instead?: DeclareOptions['instead'];
}

/**
 * The planning pipeline: reads the declarations, git and LaunchDarkly, and makes a plan from them.
 * @throws OperatorError, DeclarationsInvalid
 */
export async function prepare<Client extends FlagReader>(
  options: PlanningOptions,
  io: PlanningIo,
  { connect, onWait, fetching, instead, ...extent }: PrepareOptions<Client>,
): Promise<Prepared<Client>> {
  const { cwd, signal } = io;
  const plannedAt = io.now();
  checkSelection(options.selection);
  checkFilter(options.filter);
  const declared = await declare({
    cwd,
    config: options.config,
    allowEmpty: options.allowEmpty,
    now: plannedAt,
    signal,
    ...(instead === undefined ? {} : { instead }),
  });
  const { client, baseUrl, host, limits } = openConnection(declared, options, connect, onWait, signal);
  io.stderr(`${printable(configurationNotice(declared))} · ${baseUrl}\n`);
  const { rate, api } = declared.config;
  const paces = (): Paces =>
    pacesOf({ rate, seen: limits.seen(), api: expectedUserRoute(api, limits.userRoute, io.now()) });

  const past = await readGitState(
    declared,
    host,
    options.offline ? 'no' : fetching,
    client.run,
    isSelectedBy(options.selection),
  );
  try {
    const planned = await planFrom(
      declared,
      past,
      { ...options, ...extent },
      { cwd, signal, plannedAt },
      { client, baseUrl, paces },
    );
    return { declared, past, ...planned, plannedAt, client, paces };
  } finally {
    past.close();
  }
}

/** Makes a plan from the declarations and git: reads the history that matters, LaunchDarkly, and its approval requests. */
async function planFrom(
  declared: Declared,
  past: GitState,
  options: PlanningOptions &
    Pick<PrepareOptions<FlagReader>, 'everyFlag' | 'anyScope' | 'anyName' | 'alsoAsk'>,
  { cwd, signal, plannedAt }: Pick<PlanningIo, 'cwd' | 'signal'> & { readonly plannedAt: number },
  {
    client,
    baseUrl,
    paces,
  }: Pick<Connection<FlagReader>, 'client' | 'baseUrl'> & { readonly paces: () => Paces },
): Promise<Pick<Prepared<FlagReader>, 'plan' | 'waiting' | 'scopes' | 'answers'>> {
  const { config, workspace } = declared;
  const { everyFlag = false, anyScope, anyName = false, alsoAsk = () => [] } = options;
  const asked = anyScope === undefined ? [] : namedScopes(declared, options.selection);
  const all = coveredScopes(declared.desired, config, recordedScopes(past), asked);
  if (anyScope !== undefined && all.length === 0) throw noScope(anyScope);
  const covered = selectScopes(all, options.selection);
  const managed = managedScopes(covered);
  refuseShallow(past, managed);
  if (options.only !== undefined)
    await refuseNewerAttempt(
      past,
      covered.map(({ scope }) => scope),
      plannedAt,
    );
  const found = await scopeHistories(past, covered);
  const applied = await readAppliedPolicies(past, covered, declared, {
    folder: options.config === undefined ? relative(workspace.root, cwd).split(sep).join('/') : undefined,
  });
  const histories = withManage(found, managed, applied.policies);
  declared.cache?.save();

  const attempted = await readAttemptedRequests(client, managed, histories);
  const { live, gone } = await readLive(
    client,
    managed.map((scope) => ({ ...scope, ...declaredFlags(scope.scope, past, histories), everyFlag })),
  );
  const existing = managed.filter(({ scope }) => !gone.includes(scope));
  const writes: WritePolicy = {
    mode: options.batch === true ? 'batch' : config.writes,
    values: config.batch.values,
  };
  const compared = compareScopes(existing, {
    live,
    histories,
    now: plannedAt,
    mode: writes.mode,
    findings: declared.findings,
  });
  if (!anyName) {
    await checkNameFilters(options.filter, {
      selection: options.selection,
      covered,
      histories,
      live,
      scopes: existing.map(({ scope }) => scope),
      reader: client,
    });
  }
  const scopes = await withDates(compared, existing, histories, client);

  const questions = scopes.flatMap(({ comparison, live: project, history, dates }) => [
    ...questionsFor(comparison, project, history),
    ...dateQuestions(comparison.scope, dates, history),
  ]);
  const known = new Set(questions.map(({ scope, id }) => scopedKey(scope, id)));
  const others = alsoAsk(scopes).filter(({ scope, id }) => !known.has(scopedKey(scope, id)));
  const { answers, warnings } = await askHistory(past, [...questions, ...others], declared);
  declared.cache?.save();
  // Not every step stops at an interruption, but an interrupted run must not end with a plan.
  if (signal.aborted) throw interruption();

  const plan = buildPlan({
    baseUrl,
    head: past.git?.head,
    scopes,
    released: covered
      .filter(({ policy }) => policy === undefined)
      .map(({ scope }) => ({ scope, history: historyOf(histories, scopeKey(scope)) })),
    answers,
    filter: options.filter,
    only: options.only,
    shard: options.shard,
    appliedPolicies: applied.policies,
    loosened: applied.loosened,
    rewound: past.rewound,
    options,
    accept: config.accept,
    configPath: workspace.configPath,
    warnings: [
      ...past.warnings,
      ...applied.warnings,
      ...gone.map(goneWarning),
      ...histories.warnings,
      ...warnings,
    ],
    expiring: declaredDates(
      existing.map(({ desired }) => desired),
      plannedAt,
    ),
    writes,
    paces: paces(),
  });
  const git = past.git?.repository.git;
  const approvals = await readApprovals(plan, { reader: client, config, git, scopes: existing, attempted });
  return { ...approvals, scopes, answers };
}

/** Names the configuration in use, since it may not be the one that the user expects. */
export function configurationNotice({ workspace }: Declared): string {
  return workspace.configExists
    ? `configuration ${workspace.configPath}`
    : 'no flagops.yaml found, using defaults';
}
