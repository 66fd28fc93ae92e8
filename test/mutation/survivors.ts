/** Mutants that no test can or should kill, with one reason for all of them. */
export interface Accepted {
  readonly why: string;
  /** The mutated lines, as `npm run mutate` prints them. */
  readonly mutants: readonly string[];
}

const FOR_THE_COMPILER = 'The check is there for the compiler: without it the result is the same.';

/** All mutants that are known to survive, by file. `npm run mutate` fails for any other, and for any that is killed. */
export const SURVIVORS: Readonly<Record<string, readonly Accepted[]>> = {
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
  'src/reconcile/override-values.ts': [
    {
      why: `${FOR_THE_COMPILER} No list has an element at the index undefined.`,
      mutants: ['if (false) return null;'],
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
