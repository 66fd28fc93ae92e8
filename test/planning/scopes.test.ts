import { expect, it } from 'vitest';
import { coveredScopes, managedScopes } from '../../src/planning/scopes.js';
import type { DesiredState, ScopeId } from '../../src/reconcile/state.js';
import { parsedConfig } from '../support/planning.js';

const scope = (environment: string): ScopeId => ({ project: 'storefront', environment });

function desired(...environments: string[]): DesiredState {
  return new Map(
    environments.map((environment) => [
      `storefront/${environment}`,
      { scope: scope(environment), overrides: new Map() },
    ]),
  );
}

const ANY = parsedConfig('version: 1\n');
const ONLY_STAGING = parsedConfig(
  'version: 1\nscopes:\n  - { project: storefront, environment: staging, prune: never }\n',
);

it('a plan covers each declared, configured or applied scope once', () => {
  const covered = coveredScopes(desired('production', 'staging'), ONLY_STAGING, [
    scope('production'),
    scope('old'),
  ]);
  expect(covered.map((one) => one.scope.environment).toSorted()).toEqual(['old', 'production', 'staging']);
  expect(covered.filter(({ onlyApplied }) => onlyApplied).map((one) => one.scope)).toEqual([scope('old')]);
});

it('a scope without declarations has an empty desired state', () => {
  const [covered] = coveredScopes(desired(), ANY, [scope('old')]);
  expect(covered?.desired).toEqual({ scope: scope('old'), overrides: new Map() });
});

it('every covered scope is managed if the configuration lists none', () => {
  const covered = coveredScopes(desired('production'), ANY, [scope('old')]);
  expect(managedScopes(covered).map((one) => [one.scope.environment, one.policy.prune])).toEqual([
    ['production', 'owned'],
    ['old', 'owned'],
  ]);
});

it('only the listed scopes are managed if the configuration lists some', () => {
  const covered = coveredScopes(desired(), ONLY_STAGING, [scope('production')]);
  expect(covered).toHaveLength(2);
  expect(managedScopes(covered).map((one) => [one.scope.environment, one.policy.prune])).toEqual([
    ['staging', 'never'],
  ]);
});
