import { setTimeout as delay } from 'node:timers/promises';
import { agree, Disagreement } from './disagreement.js';
import { checkLive, checkOutcomes, checkPlan, exitCodeOf } from './checks.js';
import { disturb, type Watch } from './disturb.js';
import {
  type Attempt,
  type ModelCommit,
  type ModelPlan,
  type ModelState,
  type Options,
  predict,
} from './model.js';
import { planOf, type ResultJson, resultOf } from './output.js';
import type { JumpingClock, ProgramRun } from './program.js';
import type { Statistics } from './statistics.js';
import type { Disturbance, RunOptions, Step } from './steps.js';
import { edited, EMPTY_TREE, filesOf, HOUR, type Tree } from './tree.js';
import { type Environment, ENVIRONMENTS, type Id, partsOf } from './universe.js';
import { RealWorld, START } from './world.js';

/** Milliseconds after which every late write has arrived. */
const LATE = 20;

/** How long an attempt counts: the time of a run and of one request, and ten minutes. */
const ATTEMPT_LIFE = (60 + 0.5 + 10) * 60_000;

/**
 * Does the steps of a history with the real program and with the model.
 * @throws Disagreement at the first step after which the two differ
 */
export async function play(
  steps: readonly Step[],
  clock: JumpingClock,
  statistics: Statistics,
): Promise<void> {
  const world = await RealWorld.open(clock);
  try {
    const history = new History(world, statistics);
    for (const step of steps) await history.step(step);
    await history.conclude();
  } finally {
    await world.close();
  }
}

/** An apply in progress, and what the model knew when it planned. */
interface Started {
  readonly options: RunOptions;
  readonly plan: ModelPlan;
  readonly head: ModelCommit;
  readonly applied: ReadonlyMap<Environment, ModelCommit>;
  readonly expired: readonly Attempt[];
  readonly own: readonly Attempt[];
}

class History {
  readonly #world: RealWorld;
  readonly #statistics: Statistics;
  readonly #state: ModelState;
  #commits = 0;
  #late: (() => Promise<void>)[] = [];

  constructor(world: RealWorld, statistics: Statistics) {
    this.#world = world;
    this.#statistics = statistics;
    const head = this.#newCommit(EMPTY_TREE, []);
    this.#state = {
      start: world.clock.now(),
      head,
      live: new Map(),
      applied: new Map(),
      attempts: [],
    };
    this.#checkOut(head);
  }

  async step(step: Step): Promise<void> {
    const late = this.#late;
    this.#late = [];
    await this.#do(step);
    for (const arrive of late) {
      await arrive();
      this.#state.live = this.#world.live();
    }
  }

  /** Applies once more without any disturbance: then nothing may differ. */
  async conclude(): Promise<void> {
    const options = {
      force: true,
      allowRewind: true,
      allowLoosened: true,
      noRemovals: false,
      noRecord: false,
      only: false,
    };
    await this.step({ type: 'apply', options, disturbance: { type: 'none' } });
    await this.step({ type: 'plan', options });
  }

  async #do(step: Step): Promise<void> {
    const { head } = this.#state;
    switch (step.type) {
      case 'commit':
        this.#checkOut(this.#newCommit(edited(head.tree, step.edits), [head]));
        return;
      case 'manual':
        this.#world.touch(step.id, step.setting);
        if (step.setting === undefined) this.#state.live.delete(step.id);
        else this.#state.live.set(step.id, step.setting);
        return;
      case 'force-push': {
        const back = ancestor(head, step.back);
        if (step.edits.length === 0) this.#checkOut(back);
        else this.#checkOut(this.#newCommit(edited(back.tree, step.edits), [back]));
        return;
      }
      case 'merge': {
        const base = ancestor(head, step.back);
        const branch = this.#newCommit(edited(base.tree, step.edits), [base]);
        const trees = {
          edits: edited(head.tree, step.edits),
          ours: head.tree,
          'branch-first': edited(head.tree, step.edits),
          'branch-ours': branch.tree,
        };
        const isBranchFirst = step.strategy.startsWith('branch');
        this.#checkOut(
          this.#newCommit(trees[step.strategy], isBranchFirst ? [branch, head] : [head, branch]),
        );
        return;
      }
      case 'revert': {
        const [parent] = head.parents;
        if (parent !== undefined) this.#checkOut(this.#newCommit(parent.tree, [head]));
        return;
      }
      case 'pass':
        this.#world.clock.pass(step.hours * HOUR + 1);
        return;
      case 'plan':
        await this.#plan(step.options);
        return;
      case 'apply':
        await this.#apply(step.options, step.disturbance);
        return;
    }
  }

  #newCommit(tree: Tree, parents: readonly ModelCommit[]): ModelCommit {
    this.#commits += 1;
    const ids = parents.map(({ id }) => id);
    const id = this.#world.repository.commit(filesOf(tree, START), ids, `Commit ${this.#commits}`);
    return { id, tree, parents };
  }

  #checkOut(commit: ModelCommit): void {
    this.#world.repository.checkOut(commit.id, filesOf(commit.tree, START));
    this.#state.head = commit;
  }

  #options(options: RunOptions): Options {
    return {
      ...options,
      shard: undefined,
      now: this.#world.clock.now(),
    };
  }

  async #plan(options: RunOptions): Promise<void> {
    const expected = predict(this.#state, this.#options(options));
    const args = ['plan', ...this.#arguments(options)];
    const run = await this.#world.run(args, this.#world.nextToken());
    this.#statistics.count('plans');
    if (this.#isUnknownName(run, expected)) return;
    if (expected.outdated) {
      checkOutdated(run, [1]);
      return;
    }
    const isRefused = expected.guards.length > 0 || (expected.rewound && !options.allowRewind);
    agree('exit code', `plan ${args.join(' ')}\n${run.stderr}`, run.code, isRefused ? 4 : 0);
    checkPlan(planOf(run), expected, { rewind: !options.allowRewind });
    checkLive('plan', this.#world.live(), this.#state.live, new Map());
  }

  async #apply(options: RunOptions, disturbance: Disturbance): Promise<void> {
    const expected = predict(this.#state, this.#options(options));
    const token = this.#world.nextToken();
    const now = this.#world.clock.now();
    const { head } = this.#state;
    const started: Started = {
      options,
      plan: expected,
      head,
      applied: new Map(this.#state.applied),
      expired: this.#state.attempts.filter(({ expires }) => expires <= now),
      own: ENVIRONMENTS.filter((environment) =>
        expected.changes.some(
          ({ id, withheld }) => withheld === undefined && partsOf(id).environment === environment,
        ),
      ).map((environment) => ({
        commit: head,
        environment,
        selection: options,
        expires: now + ATTEMPT_LIFE,
      })),
    };
    const watch = disturb(this.#world, token, disturbance, this.#statistics);
    const args = ['apply', '--yes', ...this.#arguments(options)];
    if (options.noRecord) args.push('--no-record');
    const running = this.#world.run(args, token, watch.signal);
    this.#statistics.count('applies');
    const first = await Promise.race([running, watch.held]);
    if (first === 'killed') {
      this.#afterKill(started, watch, running);
      return;
    }
    if (first === 'held' && disturbance.type === 'overtaken') {
      this.#checkPartly(started);
      this.#addAttempts(started, watch);
      for (const step of disturbance.meanwhile) await this.#do(step);
      watch.release();
    }
    const run = await running;
    watch.end();
    if (watch.mayBeLate) await delay(LATE);
    this.#afterRun(started, watch, run, first === 'held');
  }

  /** The process is gone. What it had written so far is live; nothing else. */
  #afterKill(started: Started, watch: Watch, running: Promise<ProgramRun>): void {
    this.#world.dead.push(running.catch(() => undefined));
    this.#checkPartly(started);
    this.#checkRefs(this.#state.applied);
    this.#addAttempts(started, watch);
    this.#checkAttempts();
    if (watch.arrive !== undefined) this.#late.push(watch.arrive);
    this.#statistics.count('killed in process');
  }

  /** What is live may differ from before only in what this run was about to write. */
  #checkPartly({ plan }: Started): void {
    const live = this.#world.live();
    checkLive('partial apply', live, this.#state.live, writesOf(plan));
    this.#state.live = live;
  }

  #addAttempts({ own }: Started, watch: Watch): void {
    if (watch.writes > 0) this.#state.attempts = [...this.#state.attempts, ...own];
  }

  #afterRun(started: Started, watch: Watch, run: ProgramRun, wasOvertaken: boolean): void {
    const { plan: expected, options } = started;
    if (this.#isUnknownName(run, expected)) return;
    if (expected.outdated) {
      checkOutdated(run, watch.mayFailEarly ? [1, 130] : [1]);
      this.#statistics.count('repairs refused');
      checkLive('a refused repair', this.#world.live(), this.#state.live, new Map());
      this.#checkRefs(this.#state.applied);
      this.#checkAttempts();
      return;
    }
    if (options.only && watch.writes > 0) this.#statistics.count('repairs that wrote');
    const before = this.#state.live;
    const live = this.#world.live();
    const explain = `${run.stderr}\n${run.stdout.slice(0, 400)}`;
    const isRefused = expected.guards.length > 0 || (expected.rewound && !options.allowRewind);
    const result = resultOf(run);
    if (watch.writes > 0) this.#statistics.count('applies that wrote');
    if (isRefused) this.#statistics.count('applies refused');
    if (isRefused && !watch.mayFailEarly) {
      agree('exit code', `a refused apply\n${explain}`, run.code, 4);
      checkPlan(planOf(run), expected, { rewind: !options.allowRewind });
    }
    checkLive('apply', live, before, isRefused ? new Map() : writesOf(expected));
    this.#state.live = live;
    if (result === undefined) {
      if (!isRefused || watch.mayFailEarly) {
        const codes = isRefused ? [1, 4, 130] : [1, 130];
        if (!watch.mayFailEarly || !codes.includes(run.code))
          throw new Disagreement('exit code', `${run.code} without a report\n${explain}`);
      }
      checkLive('an apply without a report', live, before, new Map());
      this.#checkRefs(this.#state.applied);
      this.#checkAttempts();
      return;
    }
    if (isRefused)
      throw new Disagreement('guards', `applied although ${expected.guards.join()} refuse\n${explain}`);
    checkPlan(result.plan, expected, { rewind: false });
    const checks = { expected, result, live, wasOvertaken, mayBeLate: watch.mayBeLate, before };
    checkOutcomes(checks);
    const { moved, blocked } = this.#moves(started, watch, result);
    const code = exitCodeOf(checks, run.code, { isBlocked: blocked.length > 0, isLost: watch.lost });
    agree('exit code', `apply\n${explain}`, run.code, code);
    agree('exit code', 'in the report', result.exitCode, run.code);
    if (!wasOvertaken && watch.recovers) {
      const open = result.outcomes.filter(
        ({ status, reason }) => status !== 'applied' && reason !== 'withheld',
      );
      agree('untrue outcome', `an apply that should recover\n${explain}`, open, []);
    }
    this.#afterReport(started, watch, { result, moved, wasOvertaken });
  }

  /** The scopes whose ref must move after a report, and those whose ref cannot: it is locked, or another run moved it. */
  #moves(
    started: Started,
    watch: Watch,
    result: ResultJson,
  ): { moved: Environment[]; blocked: Environment[] } {
    const { options, head } = started;
    const { verification, outcomes } = result;
    const isWhole =
      !options.noRecord && !options.only && options.flag === undefined && options.context === undefined;
    if (!isWhole || watch.interrupted || (verification !== null && verification.failure !== null))
      return { moved: [], blocked: [] };
    const complete = ENVIRONMENTS.filter((environment) => {
      if ((options.environment ?? environment) !== environment) return false;
      const isHere = ({ change }: { readonly change: { readonly environment: string } }): boolean =>
        change.environment === environment;
      return (
        !outcomes.some((outcome) => isHere(outcome) && outcome.status !== 'applied') &&
        verification?.mismatches.some(isHere) !== true
      );
    });
    const isBlocked = (environment: Environment): boolean => {
      const now = this.#state.applied.get(environment);
      const isOvertaken = now !== started.applied.get(environment) && now !== head;
      const isLocked = watch.lockedRef === environment && now !== head;
      return isOvertaken || isLocked;
    };
    const blocked = complete.filter(isBlocked);
    return { moved: complete.filter((environment) => !isBlocked(environment)), blocked };
  }

  #afterReport(
    started: Started,
    watch: Watch,
    {
      result,
      moved,
      wasOvertaken,
    }: { result: ResultJson; moved: readonly Environment[]; wasOvertaken: boolean },
  ): void {
    for (const environment of moved) this.#state.applied.set(environment, started.head);
    this.#checkRefs(this.#state.applied);
    const recorded = result.recorded.map(({ environment }) => environment);
    agree('recorded', 'the report', recorded.toSorted(), moved);
    if (!wasOvertaken) this.#addAttempts(started, watch);
    this.#forget(started.expired.filter(({ environment }) => moved.includes(environment)));
    for (const attempt of started.own.filter(({ environment }) => moved.includes(environment))) {
      // Only the client knows which of its requests were not answered. But if all were, it must forget, and if the
      // connection broke in this scope, it must not.
      const mustStay =
        watch.broken === attempt.environment || (watch.broken === 'somewhere' && started.own.length === 1);
      const mayStay =
        watch.lost && this.#attemptsOf(attempt.environment) === this.#count(attempt.environment);
      if (!mustStay && !mayStay) this.#forget([attempt]);
    }
    this.#checkAttempts();
  }

  #forget(attempts: readonly Attempt[]): void {
    this.#state.attempts = this.#state.attempts.filter((attempt) => !attempts.includes(attempt));
  }

  /** How many attempts the model knows in a scope. */
  #count(of: Environment): number {
    return this.#state.attempts.filter(({ environment }) => environment === of).length;
  }

  /** How many attempts the repository has in a scope. */
  #attemptsOf(environment: Environment): number {
    const name = this.#world.refName(environment).replace('/applied/', '/attempts/');
    return this.#world.repository.refs(name).length;
  }

  #checkAttempts(): void {
    for (const environment of ENVIRONMENTS)
      agree(
        'recorded',
        `attempts of ${environment}`,
        this.#attemptsOf(environment),
        this.#count(environment),
      );
  }

  #checkRefs(applied: ReadonlyMap<Environment, ModelCommit>): void {
    const { repository } = this.#world;
    for (const environment of ENVIRONMENTS) {
      agree(
        'recorded',
        `the ref of ${environment}`,
        repository.ref(this.#world.refName(environment)) ?? null,
        applied.get(environment)?.id ?? null,
      );
    }
  }

  /** A context that nothing knows is an error: then the run must have nothing to do. */
  #isUnknownName(run: ProgramRun, expected: ModelPlan): boolean {
    return run.code === 1 && /matches no known context/.test(run.stderr) && expected.changes.length === 0;
  }

  #arguments(options: RunOptions): string[] {
    const args = ['--format', 'json', '--allow-empty'];
    const { environment, flag, context } = options;
    if (environment !== undefined) args.push('--environment', environment);
    if (flag !== undefined) args.push('--flag', flag);
    if (context !== undefined) args.push('--context', context.replace(' ', ':'));
    if (options.only) args.push('--only', 'drift');
    if (options.force) args.push('--force');
    if (options.noRemovals) args.push('--no-removals');
    if (options.allowRewind) args.push('--allow-rewind');
    if (options.allowLoosened) args.push('--allow-loosened');
    return args;
  }
}

/** Checks a run that must not repair drift, because an apply of a newer commit may be writing. */
function checkOutdated(run: ProgramRun, codes: readonly number[]): void {
  const isRefused = codes.includes(run.code) && run.stdout === '';
  const isExplained = codes.length > 1 || run.stderr.includes('a newer commit (');
  if (!isRefused || !isExplained) {
    throw new Disagreement(
      'exit code',
      `${run.code} during a newer apply\n${run.stderr}${run.stdout.slice(0, 400)}`,
    );
  }
}

/** What a run may write: the value after it by override, undefined for a removal. */
function writesOf({ changes }: ModelPlan): ReadonlyMap<Id, number | undefined> {
  return new Map(
    changes.filter(({ withheld }) => withheld === undefined).map(({ id, after }) => [id, after]),
  );
}

/** The commit some first parents back, or the first one. */
function ancestor(commit: ModelCommit, back: number): ModelCommit {
  const [parent] = commit.parents;
  return back === 0 || parent === undefined ? commit : ancestor(parent, back - 1);
}
