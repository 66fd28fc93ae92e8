import { contextKey, type LiveFlag, type LiveProject } from '../../../src/reconcile/state.js';
import type { Seed } from '../../../src/simulator/seed/seed.js';
import { declaredValue, FLAGS, userKey } from './declarations.js';
import { SCOPE } from './work.js';

/**
 * The live targets of a flag that is declared for `users` users. Of ten users, eight are live as declared, one has the
 * other variation, and one is replaced by a user that is not declared. Returns the variation index of each user.
 */
function liveTargets(users: number, flag: number): (readonly [user: string, variation: number])[] {
  const targets: (readonly [string, number])[] = [];
  for (let user = 0; user < users; user += 1) {
    const asDeclared = declaredValue(user, flag) ? 0 : 1;
    if (user % 10 < 8) targets.push([userKey(user), asDeclared]);
    else if (user % 10 === 8) targets.push([userKey(user), 1 - asDeclared]);
    else targets.push([`stranger-${user}`, asDeclared]);
  }
  return targets;
}

export function liveProject(users: number): LiveProject {
  const flags = FLAGS.map((key, index): LiveFlag => {
    const targets = liveTargets(users, index).map(
      ([user, variation]) => [contextKey('user', user), variation] as const,
    );
    return {
      key,
      state: 'live',
      variations: [
        { id: `${key}-0`, name: undefined, value: true },
        { id: `${key}-1`, name: undefined, value: false },
      ],
      environments: new Map([
        [
          SCOPE.environment,
          {
            on: true,
            offVariation: 1,
            prerequisites: [],
            targets: new Map(targets),
            rules: 0,
            fallthrough: 1,
          },
        ],
      ]),
    };
  });
  return {
    flags: new Map(flags.map((flag) => [flag.key, flag])),
    missing: new Set(),
    complete: true,
    contextKinds: undefined,
  };
}

export function liveSeed(users: number): Seed {
  const flags = FLAGS.map((key, index) => {
    const targets = liveTargets(users, index);
    const values = (wanted: number): string[] =>
      targets.flatMap(([user, variation]) => (variation === wanted ? user : []));
    const groups = [0, 1].map((variation) => ({ variation, values: values(variation) }));
    return [key, { environments: { [SCOPE.environment]: { targets: groups } } }] as const;
  });
  return {
    tokens: [{ token: 'api-writer', role: 'writer' }],
    projects: {
      [SCOPE.project]: { environments: { [SCOPE.environment]: {} }, flags: Object.fromEntries(flags) },
    },
  };
}
