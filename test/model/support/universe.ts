/** Everything that histories can talk about: small enough that steps meet each other, large enough for every rule. */
export const PROJECT = 'shop';

export const ENVIRONMENTS = ['production', 'staging'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** The values of each flag, by variation index. */
export const FLAGS = {
  beta: [true, false],
  kill: [true, false],
  limit: [10, 25, 100],
  'ops-log': ['debug', 'info'],
  theme: ['light', 'dark', 'contrast'],
} as const;
export type Flag = keyof typeof FLAGS;
export const FLAG_NAMES = Object.keys(FLAGS) as Flag[];

export const CONTEXTS = ['user ada', 'user bob', 'user cy', 'organization acme'] as const;
export type Context = (typeof CONTEXTS)[number];

/** The flag that a scope may protect, and the one that it may exclude. */
export const PROTECTED: Flag = 'kill';
export const EXCLUDED: Flag = 'ops-log';

/** One override, as `production theme user ada`. */
export type Id = `${Environment} ${Flag} ${Context}`;

export const IDS: readonly Id[] = ENVIRONMENTS.flatMap((environment) =>
  FLAG_NAMES.flatMap((flag) => CONTEXTS.map((context): Id => `${environment} ${flag} ${context}`)),
);

export interface IdParts {
  readonly environment: Environment;
  readonly flag: Flag;
  readonly context: Context;
  readonly kind: string;
  readonly key: string;
}

const PARTS: ReadonlyMap<string, IdParts> = new Map(
  ENVIRONMENTS.flatMap((environment) =>
    FLAG_NAMES.flatMap((flag) =>
      CONTEXTS.map((context): [string, IdParts] => {
        const [kind = '', key = ''] = context.split(' ');
        return [`${environment} ${flag} ${context}`, { environment, flag, context, kind, key }];
      }),
    ),
  ),
);

/** The parts of an id. */
export function partsOf(id: string): IdParts {
  const parts = PARTS.get(id);
  if (parts === undefined) throw new TypeError(`unknown override ${id}`);
  return parts;
}
