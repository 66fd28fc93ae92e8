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
