import type { Seed } from '../seed/seed.js';
import type { ApprovalRequest } from './approvals.js';
import { type AuditAction, loggedEntry, type WorldChange } from './change.js';
import { earliestExpiry, expiredTargets } from './expire.js';
import { contentsOf } from './contents.js';
import { highestVersion, raiseVersions } from './versions.js';
import { tokenId } from './from-seed.js';
import { snapshotProject, type WorldSnapshot } from './snapshot.js';
import type { AuditEntry, ProjectEnvironment, Flag, FlagConfig, Project, Token } from './model.js';

/** The state of the simulated LaunchDarkly. Independent of HTTP. */
export class World {
  readonly #projects: Map<string, Project>;
  /** By id, oldest first. */
  readonly approvals: Map<string, ApprovalRequest>;
  /** By id. */
  readonly #tokens: ReadonlyMap<string, Token>;
  /** What it started with. */
  readonly #start: Seed | WorldSnapshot;
  readonly #sdkKeys = new Map<
    string,
    { readonly project: Project; readonly environment: ProjectEnvironment }
  >();
  readonly #now: () => number;
  readonly #audit: AuditEntry[];
  readonly #listeners = new Set<(change: WorldChange) => void>();
  readonly #resetListeners = new Set<() => void>();
  /** No target expires before this time, epoch milliseconds. */
  #earliestExpiry: number;

  /** @param now the clock, epoch milliseconds */
  constructor(from: Seed | WorldSnapshot, now: () => number) {
    this.#now = now;
    const { projects, tokens, audit, approvals } = contentsOf(from);
    this.#projects = new Map(projects.map((project) => [project.key, project]));
    this.#tokens = new Map(tokens.map((token) => [token.id, token]));
    this.#start = from;
    this.#audit = [...audit];
    this.approvals = new Map(approvals.map((request) => [request.id, { ...request }]));
    this.#earliestExpiry = earliestExpiry(projects);
    for (const project of this.projects.values()) this.#addSdkKeys(project);
  }

  /** By key, oldest first. */
  get projects(): ReadonlyMap<string, Project> {
    return this.#projects;
  }

  /** The time, epoch milliseconds. */
  now(): number {
    return this.#now();
  }

  /** The token with this text. */
  token(text: string): Token | undefined {
    return this.#tokens.get(tokenId(text));
  }

  /** The environment that an SDK key belongs to. */
  sdkKey(text: string): { readonly project: Project; readonly environment: ProjectEnvironment } | undefined {
    return this.#sdkKeys.get(text);
  }

  get tokens(): Iterable<Token> {
    return this.#tokens.values();
  }

  /** The texts of the known tokens and SDK keys, each with its name. */
  *credentials(): Generator<readonly [text: string, name: string]> {
    // A state file has only the hashes of tokens.
    const tokens = 'format' in this.#start ? [] : this.#start.tokens;
    for (const { token } of tokens) yield [token, `token ${this.token(token)?.name ?? ''}`];
    for (const [sdkKey, { project, environment }] of this.#sdkKeys) {
      yield [sdkKey, `SDK key ${project.key}/${environment.key}`];
    }
  }

  /** The complete state as plain JSON, from which another world can be made. */
  snapshot(): WorldSnapshot {
    return {
      format: 'flagops-simulator-state',
      version: 1,
      tokens: [...this.#tokens.values()],
      projects: [...this.projects.values()].map((project) => snapshotProject(project)),
      audit: [...this.#audit],
      approvals: [...this.approvals.values()].map((request) => ({ ...request })),
    };
  }

  /** The audit log, oldest first. */
  get audit(): readonly AuditEntry[] {
    return this.#audit;
  }

  /** Calls the listener after every change, until the returned function is called. */
  onChange(listener: (change: WorldChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls the listener after every reset, until the returned function is called. */
  onReset(listener: () => void): () => void {
    this.#resetListeners.add(listener);
    return () => this.#resetListeners.delete(listener);
  }

  /** Returns to what it started with, including the audit log. Objects from before are no longer part of it. */
  reset(): void {
    const { projects, audit, approvals } = contentsOf(this.#start);
    raiseVersions(projects, highestVersion(this.#projects.values()));
    this.#projects.clear();
    this.#sdkKeys.clear();
    this.approvals.clear();
    this.#audit.length = 0;
    for (const entry of audit) this.#audit.push(entry);
    for (const project of projects) {
      this.#projects.set(project.key, project);
      this.#addSdkKeys(project);
    }
    for (const request of approvals) this.approvals.set(request.id, { ...request });
    this.#earliestExpiry = earliestExpiry(projects);
    for (const listener of this.#resetListeners) listener();
  }

  /** Records that a flag changed in one environment: raises its versions, adds to the audit log, calls the listeners. */
  changedConfig(
    project: Project,
    flag: Flag,
    environment: string,
    config: FlagConfig,
    action: AuditAction,
  ): void {
    flag.version += 1;
    config.version += 1;
    config.lastModified = action.date ?? this.#now();
    this.#settle(config);
    this.#changed(project, flag, environment, action);
  }

  /** Records that a flag changed in all environments: raises its versions, adds to the audit log, calls the listeners. */
  changedFlag(project: Project, flag: Flag, action: AuditAction): void {
    flag.version += 1;
    for (const config of flag.configs.values()) {
      config.version += 1;
      config.lastModified = this.#now();
      this.#settle(config);
    }
    this.#changed(project, flag, undefined, action);
  }

  /**
   * Records something about a flag that is not part of its versions, such as the dates of its targets: adds to the audit
   * log and calls the listeners.
   */
  recordAction(project: Project, flag: Flag, environment: string, action: AuditAction): void {
    const config = flag.configs.get(environment);
    if (config) this.#settle(config);
    this.#changed(project, flag, environment, action, false);
  }

  /** No target expires before this time, epoch milliseconds. */
  get earliestExpiry(): number {
    return this.#earliestExpiry;
  }

  /** Removes every target whose date has come, in the order of the dates. */
  expireTargets(): void {
    const now = this.#now();
    if (now < this.#earliestExpiry) return;
    for (const { project, flag, environment, config, date, contexts } of expiredTargets(
      this.projects.values(),
      now,
    )) {
      for (const { kind, key } of contexts) config.targets.remove(kind, key);
      const names = contexts.map(({ kind, key }) => (kind === 'user' ? key : `${kind} ${key}`));
      this.changedConfig(project, flag, environment, config, {
        actor: 'launchdarkly',
        actions: ['updateTargets'],
        titleVerb: 'removed expired targets of',
        description: `Removed the expired ${names.length === 1 ? 'target' : 'targets'} ${names.join(', ')}`,
        comment: undefined,
        date,
      });
    }
    this.#earliestExpiry = earliestExpiry(this.projects.values());
  }

  /** Drops the dates of targets that no longer exist. */
  #settle(config: FlagConfig): void {
    config.expiring.prune(config.targets);
    this.#earliestExpiry = Math.min(this.#earliestExpiry, config.expiring.earliest());
  }

  /** Adds a flag to a project. */
  addFlag(project: Project, flag: Flag, action: AuditAction): void {
    project.flags.set(flag.key, flag);
    this.#changed(project, flag, undefined, action);
  }

  /** Deletes a flag. */
  removeFlag(project: Project, flag: Flag, action: AuditAction): void {
    project.flags.delete(flag.key);
    this.#forgetApprovals((request) => request.project === project.key && request.flag === flag.key);
    this.changedFlag(project, flag, action);
  }

  addProject(project: Project, action: AuditAction): void {
    this.#projects.set(project.key, project);
    this.#addSdkKeys(project);
    this.#changed(project, undefined, undefined, action);
  }

  /** Deletes a project with its environments, flags and approval requests. */
  removeProject(project: Project, action: AuditAction): void {
    this.#projects.delete(project.key);
    for (const { sdkKey } of project.environments.values()) this.#sdkKeys.delete(sdkKey);
    this.#forgetApprovals((request) => request.project === project.key);
    this.#changed(project, undefined, undefined, action);
  }

  /** Records that the settings of a project changed. */
  changedProject(project: Project, action: AuditAction): void {
    this.#changed(project, undefined, undefined, action);
  }

  /** @param configOf the configuration of each of the project's flags in the new environment */
  addEnvironment(
    project: Project,
    environment: ProjectEnvironment,
    configOf: (flag: Flag) => FlagConfig,
    action: AuditAction,
  ): void {
    project.environments.set(environment.key, environment);
    this.#addSdkKeys(project);
    for (const flag of project.flags.values()) {
      flag.configs.set(environment.key, configOf(flag));
      flag.version += 1;
    }
    this.#changed(project, undefined, environment.key, action);
  }

  /** Deletes an environment with all that flags have in it. */
  removeEnvironment(project: Project, environment: ProjectEnvironment, action: AuditAction): void {
    project.environments.delete(environment.key);
    this.#sdkKeys.delete(environment.sdkKey);
    for (const flag of project.flags.values()) {
      flag.configs.delete(environment.key);
      flag.version += 1;
    }
    this.#forgetApprovals(
      (request) => request.project === project.key && request.environment === environment.key,
    );
    this.#changed(project, undefined, environment.key, { ...action, name: environment.name });
  }

  /** Records that the settings of an environment changed. */
  changedEnvironment(project: Project, environment: ProjectEnvironment, action: AuditAction): void {
    this.#changed(project, undefined, environment.key, action);
  }

  #addSdkKeys(project: Project): void {
    for (const environment of project.environments.values()) {
      this.#sdkKeys.set(environment.sdkKey, { project, environment });
    }
  }

  #forgetApprovals(isGone: (request: ApprovalRequest) => boolean): void {
    for (const request of this.approvals.values()) {
      if (isGone(request)) this.approvals.delete(request.id);
    }
  }

  #changed(
    project: Project,
    flag: Flag | undefined,
    environment: string | undefined,
    action: AuditAction,
    isNewVersion = true,
  ): void {
    if (isNewVersion) project.revision += 1;
    const entry = loggedEntry({ project, flag, environment }, action, this.#audit, this.#now());
    this.#audit.push(entry);
    for (const listener of this.#listeners) listener({ project, flag, environment, entry, isNewVersion });
  }
}
