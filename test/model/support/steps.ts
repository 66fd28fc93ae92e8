import * as fc from 'fast-check';
import { type Edit, FILES, MANAGE, type Policy, PRUNE } from './tree.js';
import { CONTEXTS, ENVIRONMENTS, FLAG_NAMES, FLAGS, type Id, IDS, partsOf } from './universe.js';
import { FAULTS, PLACES } from './faults.js';
import type { Selection } from './model.js';

/** What disturbs an apply. */
export type Disturbance =
  | { readonly type: 'none' }
  /** A fault of LaunchDarkly, git or the network. */
  | {
      readonly type: 'fault';
      readonly kind: (typeof FAULTS)[number];
      readonly place: (typeof PLACES)[number];
      readonly always: boolean;
    }
  /** Ctrl-C when a write arrives. */
  | { readonly type: 'interrupt'; readonly write: number }
  /** The process disappears with a write: the write is lost, took effect, or arrives at the end of a later step. */
  | { readonly type: 'kill'; readonly write: number; readonly fate: 'lost' | 'done' | 'late' }
  /** A newer apply runs while a write is held back. */
  | { readonly type: 'overtaken'; readonly write: number; readonly meanwhile: readonly Step[] };

/** Options of a run. */
export interface RunOptions extends Selection {
  readonly force: boolean;
  readonly allowRewind: boolean;
  readonly allowLoosened: boolean;
  readonly noRemovals: boolean;
  readonly noRecord: boolean;
  /** Whether only drift is repaired. */
  readonly only: boolean;
}

export type Step =
  | { readonly type: 'commit'; readonly edits: readonly Edit[] }
  /** Someone changes an override in LaunchDarkly; undefined removes it. */
  | { readonly type: 'manual'; readonly id: Id; readonly setting: number | undefined }
  | { readonly type: 'plan'; readonly options: RunOptions }
  | { readonly type: 'apply'; readonly options: RunOptions; readonly disturbance: Disturbance }
  /** The branch goes back by some commits, and perhaps on from there. */
  | { readonly type: 'force-push'; readonly back: number; readonly edits: readonly Edit[] }
  /** Merges a branch that left some commits ago: its edits, or `ours` for a merge that drops them. */
  | {
      readonly type: 'merge';
      readonly back: number;
      readonly edits: readonly Edit[];
      readonly strategy: 'edits' | 'ours' | 'branch-first' | 'branch-ours';
    }
  /** Reverts HEAD. */
  | { readonly type: 'revert' }
  | { readonly type: 'pass'; readonly hours: number };

/** Half of all steps meet at a few overrides. Otherwise hardly any override would live through more than one of them. */
const BUSY: readonly Id[] = [
  'production beta user ada',
  'production kill user bob',
  'production theme organization acme',
  'staging limit user ada',
];

const id = fc.oneof(fc.constantFrom(...IDS), fc.constantFrom(...BUSY));
const setting = fc.nat({ max: 2 });
const file = fc.nat({ max: FILES - 1 });
const environment = fc.constantFrom(...ENVIRONMENTS);

const rarely = fc.oneof(
  { weight: 7, arbitrary: fc.constant(false) },
  { weight: 1, arbitrary: fc.constant(true) },
);
const mostly = rarely.map((one) => !one);
const policy: fc.Arbitrary<Partial<Policy>> = fc.oneof(
  fc.record({ prune: fc.constantFrom(...PRUNE) }),
  fc.record({ manage: fc.constantFrom('full' as const, 'full' as const, 'full' as const, ...MANAGE) }),
  fc.record({ drift: fc.constantFrom('repair' as const, 'report' as const) }),
  fc.record({ paused: fc.boolean() }),
  fc.record({ excludes: fc.boolean() }),
  fc.record({ protects: mostly }),
  fc.record({
    limits: fc.constantFrom('none' as const, 'shares' as const, 'shares' as const, 'few' as const),
  }),
  // Rules are only loosened if they were tight before.
  fc.constantFrom<Partial<Policy>>(
    { protects: true, limits: 'few' },
    { protects: true, limits: 'shares' },
    { protects: false, limits: 'none' },
  ),
);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('declare' as const),
      id,
      setting: fc.oneof({ weight: 7, arbitrary: setting }, { weight: 1, arbitrary: fc.constant(null) }),
      file,
      expires: fc.oneof(
        { weight: 9, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }) },
      ),
      manage: fc.oneof(
        { weight: 4, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom(...MANAGE) },
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('withdraw' as const), id }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('withdraw-file' as const), file, environment }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('rename' as const),
      file,
      name: fc.constantFrom('a', 'b', 'c'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('move' as const), id, file }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('reformat' as const), style: fc.nat({ max: 3 }) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('policy' as const), environment, policy }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('writes' as const),
      writes: fc.constantFrom('put' as const, 'batch' as const, 'auto' as const),
    }),
  },
);

const edits = fc.array(edit, { minLength: 1, maxLength: 7, size: 'max' });

const option = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const options: fc.Arbitrary<RunOptions> = fc.record({
  environment: option(environment),
  flag: option(fc.constantFrom(...FLAG_NAMES)),
  context: option(fc.constantFrom(...CONTEXTS)),
  force: fc.boolean(),
  allowRewind: mostly,
  allowLoosened: rarely,
  noRemovals: rarely,
  noRecord: rarely,
  only: rarely,
});

const write = fc.integer({ min: 1, max: 4 });

const commitStep: fc.Arbitrary<Step> = fc.record({ type: fc.constant('commit' as const), edits });

const manual: fc.Arbitrary<Step> = fc
  .record({
    type: fc.constant('manual' as const),
    id,
    setting: fc.oneof({ weight: 3, arbitrary: setting }, { weight: 1, arbitrary: fc.constant(undefined) }),
  })
  .map((step) => ({
    ...step,
    setting: step.setting === undefined ? undefined : step.setting % FLAGS[partsOf(step.id).flag].length,
  }));

const forcePush: fc.Arbitrary<Step> = fc.record({
  type: fc.constant('force-push' as const),
  back: fc.integer({ min: 1, max: 3 }),
  edits: fc.array(edit, { maxLength: 3 }),
});

const merge: fc.Arbitrary<Step> = fc.record({
  type: fc.constant('merge' as const),
  back: fc.integer({ min: 0, max: 3 }),
  edits,
  strategy: fc.constantFrom(
    'edits' as const,
    'ours' as const,
    'branch-first' as const,
    'branch-ours' as const,
  ),
});

const revert: fc.Arbitrary<Step> = fc.constant({ type: 'revert' as const });

const plainApply: fc.Arbitrary<Step> = fc.record({
  type: fc.constant('apply' as const),
  options,
  disturbance: fc.constant({ type: 'none' as const }),
});

const meanwhile: fc.Arbitrary<readonly Step[]> = fc
  .tuple(fc.array(fc.oneof(commitStep, manual, forcePush, revert), { maxLength: 2 }), plainApply)
  .map(([before, last]) => [...before, last]);

const disturbance: fc.Arbitrary<Disturbance> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ type: 'none' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('fault' as const),
      kind: fc.constantFrom(...FAULTS),
      place: fc.constantFrom(...PLACES),
      always: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('interrupt' as const), write }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('kill' as const),
      write,
      fate: fc.constantFrom('lost' as const, 'done' as const, 'late' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('overtaken' as const), write, meanwhile }) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: commitStep },
  { weight: 3, arbitrary: manual },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('plan' as const), options }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('apply' as const), options, disturbance }) },
  { weight: 1, arbitrary: forcePush },
  { weight: 2, arbitrary: merge },
  { weight: 1, arbitrary: revert },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('pass' as const), hours: fc.constantFrom(1, 2) }) },
);

/** A commit and its apply, which most of the time has something to write. */
const release: fc.Arbitrary<readonly Step[]> = fc
  .tuple(commitStep, options, mostly, disturbance)
  .map(([commit, some, isForced, how]) => [
    commit,
    { type: 'apply', options: { ...some, force: isForced }, disturbance: how },
  ]);

/** What one override can live through: it is declared and applied, then declared otherwise, withdrawn and set by hand. */
const life: fc.Arbitrary<readonly Step[]> = id.chain((own) => {
  const commit = (some: Edit): Step => ({ type: 'commit', edits: [some] });
  const by = (value: number): number => value % FLAGS[partsOf(own).flag].length;
  const declare = fc
    .tuple(fc.option(setting, { freq: 2 }), file)
    .map(([value, where]) => commit({ type: 'declare', id: own, setting: value, file: where }));
  const withdraw = fc.constant(commit({ type: 'withdraw', id: own }));
  const byHand = setting.map((value): Step => ({ type: 'manual', id: own, setting: by(value) }));
  const apply = options.map((some): Step => ({
    type: 'apply',
    options: { ...some, flag: undefined, context: undefined, force: true, only: false },
    disturbance: { type: 'none' },
  }));
  const later = fc.uniqueArray(fc.oneof(declare, withdraw, byHand), {
    minLength: 1,
    maxLength: 3,
    selector: (each) => (each.type === 'commit' ? (each.edits[0]?.type ?? '') : each.type),
  });
  const repair = fc.tuple(options, disturbance).map(([some, how]): readonly Step[] => [
    {
      type: 'apply',
      options: { ...some, flag: undefined, context: undefined, force: true, only: true },
      disturbance: how,
    },
  ]);
  return fc
    .tuple(declare, apply, later, fc.oneof(repair, fc.constant([])))
    .map(([declared, applied, others, repaired]): readonly Step[] => [
      declared,
      applied,
      ...others,
      ...repaired,
    ]);
});

const one: fc.Arbitrary<readonly Step[]> = step.map((single) => [single]);

/** A history: the first commit is large enough to matter. */
export const history: fc.Arbitrary<readonly Step[]> = fc
  .tuple(
    fc.array(edit, { minLength: 4, maxLength: 12, size: 'max' }),
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: one },
        { weight: 4, arbitrary: release },
        { weight: 2, arbitrary: life },
      ),
      { minLength: 4, maxLength: 8, size: 'max' },
    ),
  )
  .map(([first, rest]) => [{ type: 'commit' as const, edits: first }, ...rest.flat()]);
