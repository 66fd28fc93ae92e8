import type { ExpiryChange } from '../reconcile/dates.js';
import type { Change, ChangeWarning, Mark, Plan, Withheld } from '../reconcile/plan.js';
import { WARNING_WORDS, WITHHELD_WORDS } from './words.js';

/** A short word in brackets on the line of a change, which is explained once below all changes. */
interface Tag {
  readonly name: string;
  readonly meaning: string;
}

/** Without a tag the declaration changed since the last apply, or, if there was none, the reason is not known. */
const MARKS: Readonly<Record<Mark, Tag | undefined>> = {
  drift: { name: 'drift', meaning: 'live was changed elsewhere' },
  pending: undefined,
  expired: { name: 'expired', meaning: 'its date has passed' },
  unmanaged: { name: 'unmanaged', meaning: 'set elsewhere, never declared here' },
  unknown: undefined,
};

const LIVE_MOVED: Tag = {
  name: 'live moved too',
  meaning: 'the declaration changed, and live was changed elsewhere',
};

const PROTECTED: Tag = { name: 'protected', meaning: 'protect in the configuration lists it' };

const WARNINGS: Readonly<Record<ChangeWarning, Tag>> = {
  'flag-off': { name: 'flag off', meaning: WARNING_WORDS['flag-off'] },
  'flag-deprecated': { name: 'deprecated', meaning: WARNING_WORDS['flag-deprecated'] },
  prerequisites: { name: 'prerequisites', meaning: WARNING_WORDS.prerequisites },
  'no-effect': { name: 'no effect', meaning: 'the default rule of the flag serves the same variation' },
};

/** An update changes what is served, although the override has no effect afterwards. */
const NO_EFFECT_AFTER: Tag = {
  name: 'will have no effect',
  meaning: 'the default rule of the flag serves the declared variation',
};

const WITHHELD: Readonly<Record<Withheld, Tag>> = {
  paused: { name: 'paused', meaning: WITHHELD_WORDS.paused },
  'drift-report': { name: 'only reported', meaning: WITHHELD_WORDS['drift-report'] },
  'no-removals': { name: 'kept', meaning: WITHHELD_WORDS['no-removals'] },
  'other-shard': { name: 'other shard', meaning: WITHHELD_WORDS['other-shard'] },
};

/** The tags of a change, the most important first. */
export function tagsOf(item: Change | ExpiryChange): readonly Tag[] {
  const warnings = 'warnings' in item ? item.warnings : [];
  return [
    item.protected === true ? PROTECTED : undefined,
    MARKS[item.mark],
    item.mark === 'pending' && item.liveMoved ? LIVE_MOVED : undefined,
    ...warnings.map((warning) =>
      warning === 'no-effect' && item.before !== null ? NO_EFFECT_AFTER : WARNINGS[warning],
    ),
    item.withheld === undefined ? undefined : WITHHELD[item.withheld],
  ].filter((tag) => tag !== undefined);
}

/** The same where everything is drift, so that only more than that is worth a tag. */
export function driftTagsOf(item: Change | ExpiryChange): readonly Tag[] {
  return tagsOf(item).filter((tag) => tag !== MARKS.drift);
}

/** A line for each tag of a plan: `[drift] live was changed elsewhere`. */
export function tagLegend(
  { changes, dates }: Pick<Plan, 'changes' | 'dates'>,
  tags = tagsOf,
): readonly string[] {
  const meanings = new Map<string, string>();
  for (const items of [changes, dates])
    for (const item of items) for (const { name, meaning } of tags(item)) meanings.set(name, meaning);
  return [...meanings].map(([name, meaning]) => `[${name}] ${meaning}`);
}
