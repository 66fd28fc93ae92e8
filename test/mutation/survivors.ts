/** Mutants that no test can or should kill, with one reason for all of them. */
export interface Accepted {
  readonly why: string;
  /** The mutated lines, as `npm run mutate` prints them. */
  readonly mutants: readonly string[];
}

const FOR_THE_COMPILER = 'The check is there for the compiler: without it the result is the same.';

/** All mutants that are known to survive, by file. `npm run mutate` fails for any other, and for any that is killed. */
export const SURVIVORS: Readonly<Record<string, readonly Accepted[]>> = {
  'src/reconcile/build.ts': [
    {
      why: `${FOR_THE_COMPILER} The keys of unchanged overrides are those of declared ones.`,
      mutants: ["return planned.declared.get(key).setting.type !== 'none';"],
    },
  ],
  'src/reconcile/changes.ts': [
    {
      why: `${FOR_THE_COMPILER} A change is always of a flag that was read.`,
      mutants: [
        'const resolution = resolveSetting(then, live.flags.get(draft.flag)?.variations ?? ["Stryker was here"]);',
        'const resolution = resolveSetting(then, live.flags.get(draft.flag).variations ?? []);',
        'const environment = flag.environments.get(scope.environment);',
        'if (false || environment === undefined || after === null) return warnings;',
      ],
    },
    {
      why: `${FOR_THE_COMPILER} Only a resolution of type variation has an index.`,
      mutants: ['const applied = true ? resolution.index : undefined;'],
    },
  ],
  'src/reconcile/compare.ts': [
    {
      why: `${FOR_THE_COMPILER} A resolution of type none has no index.`,
      mutants: [
        'const after = false ? undefined : resolution.index;',
        'const after = resolution.type === "" ? undefined : resolution.index;',
      ],
    },
  ],
  'src/reconcile/estimate.ts': [
    {
      why: 'Every mode that is neither put nor auto is batch; the types allow no other.',
      mutants: [
        'return { ...estimateFor(writes.mode), put: estimateFor(\'put\'), batch: estimateFor(""), paces };',
      ],
    },
  ],
  'src/reconcile/filter.ts': [
    {
      why: 'Every kind of glob that is neither a path nor a context is a key; the types allow no other.',
      mutants: ['checkGlobs(\'--flag\', flags, "");'],
    },
  ],
  'src/reconcile/guards/rewind.ts': [
    {
      why: 'No guard is lifted by a word that is not an option; the types allow no other.',
      mutants: [
        "rewind: [refusal('rewind', message, new Set(allowed ? ['allow-rewind'] : [\"Stryker was here\"]))],",
      ],
    },
  ],
  'src/reconcile/guards/scope.ts': [
    {
      why: 'No guard is lifted by a word that is not an option; the types allow no other.',
      mutants: [
        '...(force ? [\'force\' as const] : ["Stryker was here"]),',
        '...(allowLoosened ? [\'allow-loosened\' as const] : ["Stryker was here"]),',
      ],
    },
  ],
  'src/reconcile/override-values.ts': [
    {
      why: `${FOR_THE_COMPILER} No list has an element at the index undefined.`,
      mutants: ['if (false) return null;'],
    },
  ],
  'src/reconcile/ownership.ts': [
    {
      why: `${FOR_THE_COMPILER} An undesired override is always of a flag that was read.`,
      mutants: [
        'const variations = live.flags.get(flag)?.variations ?? ["Stryker was here"];',
        'const variations = live.flags.get(flag).variations ?? [];',
      ],
    },
    {
      why: `${FOR_THE_COMPILER} Only a resolution of type variation has an index.`,
      mutants: ['return true && resolution.index === before.variation;'],
    },
    {
      why: 'The result is only negated: undefined counts as false.',
      mutants: ['const mayTouch = policy === undefined ? () => undefined : flagFilter(policy);'],
    },
  ],
  'src/reconcile/setting.ts': [
    {
      why: `${FOR_THE_COMPILER} Only a setting of type variation has a variation.`,
      mutants: ["if (true && typeof setting.variation === 'number') {"],
    },
  ],
  'src/reconcile/writes.ts': [
    {
      why: 'Only saves time: without it, PUTs are planned and then counted, with the same result.',
      mutants: ['if (false) {', 'if (policy.mode === "") {', "if (policy.mode === 'put') {}"],
    },
    {
      why: `${FOR_THE_COMPILER} Nothing is free before the first chunk, and each change has a weight.`,
      mutants: ['if (false || weight > free) {'],
    },
  ],
};
