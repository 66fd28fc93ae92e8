import type { Server } from 'node:http';
import type { Json } from '../json/json.js';
import { setTarget } from './api/set-target.js';
import { Writer } from './api/writer.js';
import { defaultSeed } from './seed/default-seed.js';
import { Faults } from './faults/faults.js';
import { decideRequest, requireApprovals, setFlagState, turnFlag, type ApprovalDecision } from './member.js';
import { ExpiryTimer } from './expiry-timer.js';
import { MovableClock } from './movable-clock.js';
import type { SimulatorOptions } from './options.js';
import { createListener } from './server/listener.js';
import { Budgets, type BudgetState } from './server/budgets.js';
import { Credentials } from './server/credentials.js';
import { guardedServer } from './server/guard.js';
import { listen } from './server/listen.js';
import type { RateLimits } from './server/rate-limits.js';
import type { Served } from './server/served.js';
import { Recording, type RecordedRequest } from './server/recording.js';
import { StateFile } from './state-file.js';
import type { AuditEntry, Flag, FlagConfig, Project } from './world/model.js';
import { World } from './world/world.js';

export type { SimulatorOptions } from './options.js';

/** One context's individual target. */
export interface Target {
  readonly kind: string;
  readonly key: string;
  /** Index of the variation. */
  readonly variation: number;
  readonly value: Json;
}

/** High, but finite, so that responses have the headers about rate limits. */
const DEFAULT_LIMITS: RateLimits = { global: 20_000, route: 10_000 };

/** Bytes. The largest patch that flagops can be configured to send has 100,000 keys, about 30 MB. */
const LARGEST_BODY = 64 * 1024 * 1024;

/** A simulated LaunchDarkly on a loopback port. */
export class Simulator {
  readonly world: World;
  /** The planned faults. */
  readonly faults: Faults;
  /** Host names that it answers to in addition to loopback names. */
  readonly hosts: readonly string[];
  /** The deprecated operations that are served. The others are answered like unknown paths. */
  served: Served;
  readonly #port: number;
  readonly #server: Server;
  readonly #scheme: 'http' | 'https';
  readonly #recording: Recording;
  readonly #budgets: Budgets;
  /** The clock of the rate limits, which cannot be moved: clients compare their reset times with their own clock. */
  readonly #now: () => number;
  readonly #clock: MovableClock;
  readonly #expiry: ExpiryTimer | undefined;
  readonly #state: StateFile | undefined;

  constructor(options: SimulatorOptions = {}) {
    const { clock = Date, seed = defaultSeed, rateLimit, writeDuration = 1 } = options;
    this.#now = () => clock.now();
    this.#clock = new MovableClock(clock);
    this.world = new World(seed, () => this.#clock.now());
    const requireAll = (): void => {
      for (const scope of options.requireApprovals ?? []) requireApprovals(this.world, scope, true);
    };
    requireAll();
    this.world.onReset(requireAll);
    this.#expiry = options.clock === undefined ? new ExpiryTimer(this.world) : undefined;
    this.faults = new Faults(options.randomSeed);
    for (const fault of options.faults ?? []) this.faults.add(fault);
    this.served = { users: options.userRoutes ?? true };
    this.#port = options.port ?? 0;
    this.hosts = options.hosts ?? [];
    this.#recording = new Recording(options.keepRequests ?? 1_000_000);
    if (options.onAnswered) this.#recording.onAnswered(options.onAnswered);
    this.#budgets = new Budgets({
      ...DEFAULT_LIMITS,
      ...options.limits,
      ...(rateLimit === undefined ? {} : { route: rateLimit }),
    });
    this.#state =
      options.stateFile === undefined
        ? undefined
        : new StateFile(options.stateFile, () => this.world.snapshot());
    const listener = createListener({
      world: this.world,
      writer: new Writer(writeDuration, this.#state?.follow(this.world)),
      budgets: this.#budgets,
      recording: this.#recording,
      credentials: new Credentials(this.world.credentials()),
      quirks: options.quirks ?? {},
      served: () => this.served,
      certificate: options.tls?.certificate,
      faults: this.faults,
      hasOwnClock: options.clock !== undefined,
      now: this.#now,
    });
    this.#scheme = options.tls ? 'https' : 'http';
    this.#server = guardedServer({ largestBody: LARGEST_BODY, hosts: this.hosts }, listener, options.tls);
  }

  /**
   * Listens on 127.0.0.1. `url` has no trailing slash.
   * @throws OperatorError if the port is not available or the state file cannot be written
   */
  async start(): Promise<{ readonly url: string; readonly port: number }> {
    await this.#state?.save();
    const port = await listen(this.#server, this.#port, '--port');
    this.#expiry?.start();
    return { url: `${this.#scheme}://127.0.0.1:${port}`, port };
  }

  /** Stops listening and closes all open connections. */
  async stop(): Promise<void> {
    this.#expiry?.stop();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** The port, or undefined while it does not listen. */
  get port(): number | undefined {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? undefined : address.port;
  }

  /** The time of the audit log and of dates, epoch milliseconds. */
  now(): number {
    return this.#clock.now();
  }

  /**
   * Moves the clock of the audit log and of dates, but not that of the rate limits. Targets that have expired by then are
   * removed.
   * @param time epoch milliseconds
   */
  moveClock(time: number): void {
    this.#clock.moveTo(time);
    this.world.expireTargets();
    this.#expiry?.start();
  }

  /** Every request so far, in order of arrival. */
  get requests(): readonly RecordedRequest[] {
    return this.#recording.requests;
  }

  forgetRequests(): void {
    this.#recording.clear();
  }

  /** The audit log, oldest first. */
  auditLog(): readonly AuditEntry[] {
    this.world.expireTargets();
    return this.world.audit;
  }

  /**
   * Returns flags, targets, approval requests and the audit log to what they were at the start. Requests, rate limits,
   * faults and the clock stay.
   */
  reset(): void {
    this.world.reset();
  }

  /** What is left of each rate limit. */
  budgets(): readonly BudgetState[] {
    return this.#budgets.state(this.#now());
  }

  get limits(): RateLimits {
    return this.#budgets.limits;
  }

  /** Changes the limits from now on. */
  set limits(limits: RateLimits) {
    this.#budgets.limits = limits;
  }

  /** The current state of a flag. */
  flag(project: string, flag: string): Flag {
    return this.#find(project, flag).flag;
  }

  /** Every individual target of a flag in one environment. */
  targets(project: string, environment: string, flag: string): readonly Target[] {
    const found = this.#find(project, flag).flag;
    return this.#config(found, environment)
      .targets.groups()
      .flatMap(({ kind, variation, keys }) =>
        [...keys].map((key) => ({ kind, key, variation, value: found.variations[variation]?.value ?? null })),
      );
  }

  /** Index of the variation that a context is targeted to; undefined without a target. */
  variationOf(
    project: string,
    environment: string,
    flag: string,
    kind: string,
    key: string,
  ): number | undefined {
    return this.#config(this.#find(project, flag).flag, environment).targets.variationOf(kind, key);
  }

  /** Targets a context as a member would in LaunchDarkly's user interface. */
  setTarget(
    project: string,
    environment: string,
    flag: string,
    target: { readonly kind: string; readonly key: string; readonly variation: number },
    comment?: string,
  ): void {
    setTarget(this.world, { ...this.#find(project, flag), environment, ...target, comment, actor: 'member' });
  }

  /** Removes a context's target as a member would in LaunchDarkly's user interface. */
  removeTarget(
    project: string,
    environment: string,
    flag: string,
    target: { readonly kind: string; readonly key: string },
    comment?: string,
  ): void {
    const found = this.#find(project, flag);
    setTarget(this.world, {
      ...found,
      environment,
      ...target,
      variation: undefined,
      comment,
      actor: 'member',
    });
  }

  /** Turns targeting on or off in one environment. */
  turnFlag(project: string, environment: string, flag: string, on: boolean): void {
    const found = this.#find(project, flag);
    turnFlag(this.world, found, environment, this.#config(found.flag, environment), on);
  }

  /** Archives, deprecates or restores a flag. */
  setFlagState(project: string, flag: string, state: Flag['state']): void {
    setFlagState(this.world, this.#find(project, flag), state);
  }

  archiveFlag(project: string, flag: string): void {
    this.setFlagState(project, flag, 'archived');
  }

  /** Deletes a flag. */
  deleteFlag(project: string, flag: string): void {
    const found = this.#find(project, flag);
    this.world.removeFlag(found.project, found.flag, {
      actor: 'member',
      actions: ['deleteFlag'],
      titleVerb: 'deleted',
      description: 'Deleted',
      comment: undefined,
    });
  }

  /**
   * Sets whether changes need an approval.
   * @param scope `PROJECT/ENVIRONMENT`, or `ENVIRONMENT` for all projects that have it
   * @throws OperatorError `bad-approvals` if there is no such environment
   */
  requireApprovals(scope: string, required = true): void {
    requireApprovals(this.world, scope, required);
    this.#state?.save().catch(() => undefined);
  }

  /**
   * Approves, declines or applies an approval request as a member would in LaunchDarkly's user interface.
   * @throws OperatorError `bad-approvals` if there is no such request, or if that is not possible
   */
  decideRequest(id: string, decision: ApprovalDecision, comment?: string): void {
    decideRequest(this.world, id, decision, comment);
  }

  #find(project: string, flag: string): { readonly project: Project; readonly flag: Flag } {
    this.world.expireTargets();
    const found = this.world.projects.get(project);
    const foundFlag = found?.flags.get(flag);
    if (!found || !foundFlag) throw new TypeError(`the simulator has no flag ${project}/${flag}`);
    return { project: found, flag: foundFlag };
  }

  #config(flag: Flag, environment: string): FlagConfig {
    const config = flag.configs.get(environment);
    if (!config) throw new TypeError(`the simulator has no environment ${environment}`);
    return config;
  }
}
