import type { Seed } from '../seed/seed.js';
import { projectFromSeed, tokenId, tokensFromSeed } from './from-seed.js';
import { restoreProject, snapshotProject, type WorldSnapshot } from './snapshot.js';
import type { Actor, AuditEntry, ProjectEnvironment, Flag, FlagConfig, Project, Token } from './model.js';

/** A change of one flag in one environment, or (undefined) in all of them. */
export interface FlagChange {
  readonly project: Project;
  readonly flag: Flag;
  readonly environment: string | undefined;
  readonly entry: AuditEntry;
}

/** Describes a change for the audit log. */
export interface AuditAction {
  readonly actor: Actor;
  readonly actions: readonly string[];
  readonly titleVerb: string;
  readonly description: string;
  readonly comment: string | undefined;
}

interface Contents {
  readonly projects: readonly Project[];
  readonly tokens: readonly Token[];
  readonly audit: readonly AuditEntry[];
}

function fromSeed(seed: Seed): Contents {
  return {
    projects: Object.entries(seed.projects).map(([key, project]) => projectFromSeed(key, project)),
    tokens: tokensFromSeed(seed),
    audit: [],
  };
}

function fromSnapshot(snapshot: WorldSnapshot): Contents {
  return {
    projects: snapshot.projects.map((project) => restoreProject(project)),
    // Earlier versions also saved the texts of tokens.
    tokens: snapshot.tokens.map(({ id, role, name }) => ({ id, role, name })),
    audit: snapshot.audit,
  };
}

/** The state of the simulated LaunchDarkly. Independent of HTTP. */
export class World {
  readonly projects: ReadonlyMap<string, Project>;
  /** By id. */
  readonly #tokens: ReadonlyMap<string, Token>;
  /** The tokens in the seed; empty after a restart from a state file. */
  readonly #seedTokens: Seed['tokens'];
  readonly #sdkKeys = new Map<
    string,
    { readonly project: Project; readonly environment: ProjectEnvironment }
  >();
  readonly #now: () => number;
  readonly #audit: AuditEntry[];
  readonly #listeners = new Set<(change: FlagChange) => void>();

  /** @param now the clock, epoch milliseconds */
  constructor(from: Seed | WorldSnapshot, now: () => number) {
    this.#now = now;
    const { projects, tokens, audit } = 'format' in from ? fromSnapshot(from) : fromSeed(from);
    this.projects = new Map(projects.map((project) => [project.key, project]));
    this.#tokens = new Map(tokens.map((token) => [token.id, token]));
    this.#seedTokens = 'format' in from ? [] : from.tokens;
    this.#audit = [...audit];
    for (const project of this.projects.values()) {
      for (const environment of project.environments.values()) {
        this.#sdkKeys.set(environment.sdkKey, { project, environment });
      }
    }
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
    for (const { token } of this.#seedTokens) yield [token, `token ${this.token(token)?.name ?? ''}`];
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
      audit: this.#audit,
    };
  }

  /** The audit log, oldest first. */
  get audit(): readonly AuditEntry[] {
    return this.#audit;
  }

  /** Calls the listener after every change, until the returned function is called. */
  onChange(listener: (change: FlagChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
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
    config.lastModified = this.#now();
    this.#changed(project, flag, environment, action);
  }

  /** Records that a flag changed in all environments: raises its versions, adds to the audit log, calls the listeners. */
  changedFlag(project: Project, flag: Flag, action: AuditAction): void {
    flag.version += 1;
    for (const config of flag.configs.values()) {
      config.version += 1;
      config.lastModified = this.#now();
    }
    this.#changed(project, flag, undefined, action);
  }

  /** Adds a flag to a project. */
  addFlag(project: Project, flag: Flag, action: AuditAction): void {
    project.flags.set(flag.key, flag);
    this.#changed(project, flag, undefined, action);
  }

  /** Deletes a flag. */
  removeFlag(project: Project, flag: Flag, action: AuditAction): void {
    project.flags.delete(flag.key);
    this.changedFlag(project, flag, action);
  }

  #changed(project: Project, flag: Flag, environment: string | undefined, action: AuditAction): void {
    project.revision += 1;
    const last = this.#audit.at(-1);
    const { actor, ...description } = action;
    const entry: AuditEntry = {
      ...description,
      id: (this.#audit.length + 1).toString(16).padStart(24, '0'),
      // Every entry has its own millisecond. The log is paged by date, so an entry could otherwise be skipped.
      date: Math.max(this.#now(), (last?.date ?? 0) + 1),
      project: project.key,
      environment,
      flag: flag.key,
      flagName: flag.name,
      tokenId: actor === 'member' ? undefined : actor.id,
      tokenName: actor === 'member' ? undefined : actor.name,
    };
    this.#audit.push(entry);
    for (const listener of this.#listeners) listener({ project, flag, environment, entry });
  }
}
