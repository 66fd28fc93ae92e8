import { type DeclaredSetting, type OverrideId, overrideKey } from './state.js';

// History looks for the commits that changed settings. The expiry date of an override has its own history, so it is kept
// beside the settings as one of a flag with this prefix, which no flag's key can have.
const PREFIX = '@';

/** The id under which history has the expiry date of an override. */
export function dateId({ flag, kind, key }: OverrideId): OverrideId {
  return { flag: `${PREFIX}${flag}`, kind, key };
}

/** Adds what history has to know about the expiry date of an override. */
export function addDate(
  settings: Map<string, DeclaredSetting>,
  id: OverrideId,
  date: number | undefined,
): void {
  const key = overrideKey(dateId(id));
  if (date === undefined) settings.delete(key);
  else settings.set(key, { type: 'value', value: date });
}

/** What history knows, with settings and dates apart. */
interface SettingsAndDates {
  /** By `overrideKey`. */
  readonly settings: ReadonlyMap<string, DeclaredSetting>;
  /** By `overrideKey` of the override, epoch milliseconds. */
  readonly dates: ReadonlyMap<string, number>;
}

/** Separates dates from settings. */
export function splitDates(mixed: ReadonlyMap<string, DeclaredSetting>): SettingsAndDates {
  const dates = new Map<string, number>();
  for (const [key, setting] of mixed) {
    if (!key.startsWith(PREFIX)) continue;
    if (setting.type === 'value') dates.set(key.slice(PREFIX.length), Number(setting.value));
  }
  if (dates.size === 0) return { settings: mixed, dates };
  const settings = new Map([...mixed].filter(([key]) => !key.startsWith(PREFIX)));
  return { settings, dates };
}

/** Separates the flags whose overrides have dates from all flags. */
export function splitDatedFlags(flags: ReadonlySet<string>): {
  readonly flags: ReadonlySet<string>;
  readonly dated: ReadonlySet<string>;
} {
  const dated = new Set<string>();
  const others = new Set<string>();
  for (const flag of flags) {
    if (flag.startsWith(PREFIX)) dated.add(flag.slice(PREFIX.length));
    else others.add(flag);
  }
  return { flags: others, dated };
}
