import { objectId } from '../world/ids.js';
import type { ExpiringTarget } from '../world/expiring-targets.js';
import type { FlagPlace } from './flag-place.js';
import { findConfig } from './lookup.js';

/** The targets of a flag that have a date (schema ExpiringTarget). */
export function expiringTargets(place: FlagPlace): readonly object[] {
  return datesOf(place).map((one) => ({
    ...represent(place, one),
    contextKind: one.kind,
    contextKey: one.key,
  }));
}

/** The targets of kind `user` that have a date (schema ExpiringUserTargetItem). */
export function expiringUserTargets(place: FlagPlace): readonly (object & { readonly userKey: string })[] {
  return datesOf(place)
    .filter(({ kind }) => kind === 'user')
    .map((one) => ({ ...represent(place, one), userKey: one.key }));
}

function datesOf({ flag, environment }: FlagPlace): readonly ExpiringTarget[] {
  return findConfig(flag, environment).expiring.list();
}

function represent({ project, flag, environment }: FlagPlace, one: ExpiringTarget): object {
  return {
    _id: objectId('expiring-target', project.key, environment.key, flag.key, one.kind, one.key),
    _version: one.version,
    expirationDate: one.date,
    variationId: flag.variations[one.variation]?.id ?? '',
    _resourceId: {
      kind: 'flag',
      projectKey: project.key,
      environmentKey: environment.key,
      flagKey: flag.key,
      key: flag.key,
    },
  };
}
