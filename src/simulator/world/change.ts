import { changedTargets } from './changed-targets.js';
import type { Actor, AuditEntry, Flag, Project } from './model.js';

/** A change of a flag in one environment or in all of them, or of a project or environment itself. */
export interface WorldChange {
  readonly project: Project;
  /** Undefined for a change of a project or environment itself. */
  readonly flag: Flag | undefined;
  /** Undefined for a change of the project itself, or of the flag in all environments. */
  readonly environment: string | undefined;
  readonly entry: AuditEntry;
  /** Whether the flag itself changed; if not, only something about it, such as the dates of its targets. */
  readonly isNewVersion: boolean;
}

/** Describes a change for the audit log. */
export interface AuditAction {
  readonly actor: Actor;
  readonly actions: readonly string[];
  readonly titleVerb: string;
  readonly description: string;
  readonly comment: string | undefined;
  /** Epoch milliseconds; now by default. */
  readonly date?: number;
  /** The name of what changed, if it no longer exists. */
  readonly name?: string;
}

/**
 * The next entry of the audit log.
 * @param audit the entries so far
 * @param now epoch milliseconds
 */
export function loggedEntry(
  { project, flag, environment }: Pick<WorldChange, 'project' | 'flag' | 'environment'>,
  action: AuditAction,
  audit: readonly AuditEntry[],
  now: number,
): AuditEntry {
  const { actor, date = now, name, ...description } = action;
  const token = typeof actor === 'string' ? undefined : actor;
  return {
    ...description,
    id: (audit.length + 1).toString(16).padStart(24, '0'),
    // Every entry has its own millisecond. The log is paged by date, so an entry could otherwise be skipped.
    date: Math.max(date, (audit.at(-1)?.date ?? 0) + 1),
    project: project.key,
    environment,
    flag: flag?.key,
    name: name ?? flag?.name ?? project.environments.get(environment ?? '')?.name ?? project.name,
    tokenId: token?.id,
    tokenName: token?.name,
    ...(actor === 'launchdarkly' ? { isScheduled: true } : {}),
    ...changedTargets(flag),
  };
}
