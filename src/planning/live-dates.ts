import type { FlagReader } from '../launchdarkly/client.js';
import type { PlannedScope } from '../reconcile/build.js';
import { compareDates, datedFlags } from '../reconcile/dates.js';
import { scopeKey } from '../reconcile/state.js';
import type { Histories } from './scope-histories.js';
import type { ManagedScope } from './scopes.js';

/**
 * Compares declared dates with those at LaunchDarkly, for the scopes in which they are set there. Sends one request for
 * each flag with a date that is declared, or was since the scope was last applied.
 * @param compared the scopes, compared, in the order of `managed`
 * @throws OperatorError
 */
export function withDates<Compared extends Omit<PlannedScope, 'dates'>>(
  compared: readonly Compared[],
  managed: readonly ManagedScope[],
  { datedSince }: Histories,
  reader: FlagReader,
): Promise<readonly (Compared & Pick<PlannedScope, 'dates'>)[]> {
  const desired = new Map(managed.map((scope) => [scopeKey(scope.scope), scope.desired]));
  return Promise.all(
    compared.map(async (planned) => {
      const { comparison, live, history } = planned;
      const { scope, policy } = comparison;
      const declared = desired.get(scopeKey(scope));
      if (policy.expiry !== 'launchdarkly' || declared === undefined) return { ...planned, dates: [] };
      const flags = datedFlags(declared, history, datedSince.get(scopeKey(scope)) ?? [], live);
      const read = await Promise.all(
        flags.map(async (flag) => [flag, await reader.listDates(scope, flag)] as const),
      );
      return { ...planned, dates: compareDates(comparison, declared, live, new Map(read)) };
    }),
  );
}
