import type { ExpiryChange } from '../../src/reconcile/dates.js';
import type { Change } from '../../src/reconcile/plan.js';

/** A change of the date of an override as in a plan. */
export function expiryChange(
  { project, environment, flag, kind, key, provenance }: Omit<Change, 'action'>,
  before: number | null,
  after: number | null,
  more: Partial<ExpiryChange> = {},
): ExpiryChange {
  return {
    project,
    environment,
    flag,
    kind,
    key,
    action: after === null ? 'remove' : before === null ? 'set' : 'move',
    before,
    after,
    variationId: 'v1',
    at: { file: 'a.yaml', line: 1, col: 1 },
    provenance,
    mark: 'pending',
    liveMoved: false,
    withheld: undefined,
    ...more,
  };
}
