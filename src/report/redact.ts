import { createHmac } from 'node:crypto';
import type { ApplyReport } from '../apply/report.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { DeclaredDate } from '../diagnostics/findings.js';
import type { Json } from '../json/json.js';
import type { Loosening } from '../reconcile/guards/loosening.js';
import type { ExpiryChange } from '../reconcile/dates.js';
import { type Change, compareChanges, type Drift, type Plan, type OverrideValue } from '../reconcile/plan.js';
import { printable } from './escape.js';
import { KeyFinder } from './key-finder.js';

/** Replaces every context key by a short HMAC: keys are often email addresses. */
export interface Redactor {
  readonly text: (text: string) => string;
  readonly plan: (plan: Plan) => Plan;
  readonly report: (report: ApplyReport) => ApplyReport;
  readonly diagnostic: (diagnostic: Diagnostic) => Diagnostic;
  readonly declaredDate: (date: DeclaredDate) => DeclaredDate;
}

/** Hex digits of an HMAC. Among a million contexts, the chance that two have the same is 1 in 500. */
const DIGITS = 12;

/** Everything that looks like an email address is treated as a key. */
const ADDRESS = /[\w.%+'-]+@[\w-]+(?:\.[\w-]+)+/g;

/**
 * Redacts context keys: in the fields for keys, and in every text, value and path that contains a known key or an email
 * address.
 * @param salt keeps a guessed key from being confirmed by its HMAC
 * @param keys the known keys
 * @param prepare is applied to every text before its keys are replaced
 */
export function redactor(
  salt: string,
  keys: Iterable<string>,
  prepare: (text: string) => string = (text) => text,
): Redactor {
  const hmac = (key: string): string =>
    `hmac:${createHmac('sha256', salt).update(key).digest('hex').slice(0, DIGITS)}`;
  const finder = new KeyFinder();
  for (const key of keys) {
    const replacement = hmac(key);
    for (const spelling of spellings(key)) finder.add(spelling, replacement);
  }
  /** A message about a key starts with it, without quotes; there, even a short key is replaced. */
  const replaceFirstWord = (message: string): string =>
    message.replace(/^\S+(?= )/, (word) => finder.replacementOf(word) ?? word);
  const text = (content: string): string => finder.replace(prepare(content)).replace(ADDRESS, hmac);

  const change = (original: Change): Change => ({
    ...original,
    key: hmac(original.key),
    before: original.before && overrideValue(original.before),
    after: original.after && overrideValue(original.after),
    at: original.at && { ...original.at, file: text(original.at.file) },
    provenance: deep(original.provenance),
    ...(original.drift === undefined ? {} : { drift: drift(original.drift) }),
    ...(original.owner === undefined ? {} : { owner: text(original.owner) }),
    ...(original.reason === undefined ? {} : { reason: text(original.reason) }),
  });
  const drift = ({ declared, live, changed }: Drift): Drift => ({
    declared: declared && overrideValue(declared),
    live: live && overrideValue(live),
    ...(changed === undefined ? {} : { changed: deep(changed) }),
  });
  const overrideValue = (original: OverrideValue): OverrideValue => ({
    ...original,
    // A JSON variation can have context keys as property names.
    value: mapTexts(original.value, text, text) as Json,
    ...(original.name === undefined ? {} : { name: text(original.name) }),
  });
  const date = (original: ExpiryChange): ExpiryChange => ({
    ...original,
    key: hmac(original.key),
    at: { ...original.at, file: text(original.at.file) },
    provenance: deep(original.provenance),
    ...(original.owner === undefined ? {} : { owner: text(original.owner) }),
    ...(original.reason === undefined ? {} : { reason: text(original.reason) }),
  });
  /** Replaces keys in every string of a value, but not in property names. */
  const deep = <T>(value: T): T => mapTexts(value, text) as T;
  /** The globs for contexts name keys, whether or not the plan has changes of them. */
  const loosening = (original: Loosening): Loosening => {
    const shown = (value: Loosening['before']): Loosening['before'] =>
      original.key === 'protect.contexts' && typeof value === 'object' && value !== null
        ? value.map((glob) => glob.replace(/(?<=^[^:]*:).*$/s, hmac))
        : value;
    return {
      ...original,
      before: deep(shown(original.before)),
      after: deep(shown(original.after)),
      lastApplied: deep(original.lastApplied),
    };
  };
  const declaredDate = (original: DeclaredDate): DeclaredDate => ({
    ...original,
    at: { ...original.at, file: text(original.at.file) },
  });
  const plan = (original: Plan): Plan => ({
    ...original,
    head: deep(original.head),
    scopes: original.scopes.map((scope) => ({
      ...scope,
      paused: deep(scope.paused),
      lastApplied: deep(scope.lastApplied),
      unmanagedOverrides: scope.unmanagedOverrides
        .map((override) => ({
          ...override,
          key: hmac(override.key),
          live: overrideValue(override.live),
        }))
        .toSorted((a, b) => compareChanges({ ...scope, ...a }, { ...scope, ...b })),
    })),
    changes: original.changes.map(change).toSorted(compareChanges),
    dates: original.dates.map(date).toSorted(compareChanges),
    guards: original.guards.map((guard) => ({
      ...guard,
      message: text(guard.message),
      remedy: text(guard.remedy),
    })),
    loosened: original.loosened.map(loosening),
    warnings: original.warnings.map(text),
    expiring: {
      past: original.expiring.past.map(declaredDate),
      soon: original.expiring.soon.map(declaredDate),
    },
  });

  return {
    text,
    plan,
    declaredDate,
    report: (original) => {
      return {
        ...original,
        plan: plan(original.plan),
        outcomes: original.outcomes.map((outcome) => ({
          ...outcome,
          change: change(outcome.change),
          message: text(outcome.message),
        })),
        dates: original.dates.map((outcome) => ({
          ...outcome,
          change: date(outcome.change),
          message: text(outcome.message),
        })),
        verification: original.verification && {
          ...original.verification,
          failure:
            original.verification.failure?.type === 'unreadable'
              ? { type: 'unreadable', message: text(original.verification.failure.message) }
              : original.verification.failure,
          mismatches: original.verification.mismatches.map((mismatch) => ({
            ...mismatch,
            change: change(mismatch.change),
          })),
          dateMismatches: original.verification.dateMismatches.map((mismatch) => ({
            ...mismatch,
            change: date(mismatch.change),
          })),
        },
        unrecorded: original.unrecorded.map(text),
        notices: original.notices.map(text),
      };
    },
    diagnostic: (original) => ({
      ...original,
      message: text(replaceFirstWord(original.message)),
      ...(original.hint === undefined ? {} : { hint: text(original.hint) }),
      at: { ...original.at, file: text(original.at.file) },
    }),
  };
}

/** How output may spell a key: literally, in JSON, escaped for a terminal, and in the path of a request. */
function spellings(key: string): string[] {
  return [key, JSON.stringify(key).slice(1, -1), printable(key), encodeURIComponent(key.toWellFormed())];
}

function mapTexts(
  value: unknown,
  text: (text: string) => string,
  field: (name: string) => string = (name) => name,
): unknown {
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, text, field));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [field(name), mapTexts(item, text, field)]),
  );
}
