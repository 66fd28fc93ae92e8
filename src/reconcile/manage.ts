/** Everything in which the values of `manage` differ. */
interface ManageRules {
  /** Whether the override is set if there is none. */
  readonly adds: boolean;
  /** Whether an override that is live with another value is set back. */
  readonly updates: boolean;
  /**
   * Which live value is removed once it is no longer wanted: whatever it is, only the one that was declared, or none.
   */
  readonly removes: 'any' | 'declared' | 'none';
}

/** The values of `manage`, and what each means; from the one that removes least. The schemas list the same values. */
export const MANAGE_MODES = {
  none: { adds: false, updates: false, removes: 'none' },
  keep: { adds: true, updates: true, removes: 'none' },
  create: { adds: true, updates: false, removes: 'declared' },
  full: { adds: true, updates: true, removes: 'any' },
} as const satisfies Readonly<Record<string, ManageRules>>;

/** What this repository may do with a declared override. */
export type ManageMode = keyof typeof MANAGE_MODES;

export function manageRules(mode: ManageMode): ManageRules {
  return MANAGE_MODES[mode];
}

/** Whether a mode allows a repository to do something that another one does not. */
export function allowsMore(mode: ManageMode, than: ManageMode): boolean {
  const [a, b] = [manageRules(mode), manageRules(than)];
  // Every mode that adds also updates or removes, so that adding needs no comparison.
  return (a.updates && !b.updates) || REMOVES[a.removes] > REMOVES[b.removes];
}

const REMOVES: Readonly<Record<ManageRules['removes'], number>> = { none: 0, declared: 1, any: 2 };

/** The one of two modes that removes less. */
export function removesLess(a: ManageMode, b: ManageMode): ManageMode {
  const modes = Object.keys(MANAGE_MODES) as ManageMode[];
  return modes.find((mode) => mode === a || mode === b) ?? a;
}
