import type { AuditEntry, Flag } from './model.js';
import type { Targets } from './targets.js';

/** The targets of a flag that changed since its last entry in the audit log, as fields of the next entry. */
export function changedTargets(flag: Flag | undefined): Pick<AuditEntry, 'targets'> {
  const byEnvironment = [...(flag?.configs ?? [])].flatMap(([environment, config]) => {
    const deltas = config.targets.takeDeltas();
    return deltas.length === 0 ? [] : [[environment, deltas] as const];
  });
  return byEnvironment.length === 0 ? {} : { targets: Object.fromEntries(byEnvironment) };
}

/**
 * The targets that a flag had in an environment before and after an entry of the audit log.
 * @param audit the entries of the flag, oldest first
 * @returns undefined if the flag no longer has that environment
 */
export function targetsAround(
  entry: AuditEntry,
  environment: string,
  flag: Flag,
  audit: readonly AuditEntry[],
): { readonly before: Targets; readonly after: Targets } | undefined {
  const after = flag.configs.get(environment)?.targets.clone();
  if (after === undefined) return undefined;
  for (const later of audit.slice(audit.indexOf(entry) + 1).toReversed()) undo(later, environment, after);
  const before = after.clone();
  undo(entry, environment, before);
  return { before, after };
}

function undo({ targets = {} }: AuditEntry, environment: string, state: Targets): void {
  const deltas = Object.hasOwn(targets, environment) ? targets[environment] : undefined;
  for (const { kind, key, before } of deltas ?? []) {
    if (before === undefined) state.remove(kind, key);
    else state.set(kind, key, before);
  }
}
