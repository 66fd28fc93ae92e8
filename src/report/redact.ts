import { createHmac } from 'node:crypto';
import type { ApplyReport } from '../apply/report.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Json } from '../json/json.js';
import { type Change, compareChanges, type Plan, type OverrideValue } from '../reconcile/plan.js';
import { printable } from './escape.js';
import { KeyFinder } from './key-finder.js';

/** Puts a short HMAC in the place of every context key, since keys are often e-mail addresses. */
export interface Redactor {
  readonly text: (text: string) => string;
  readonly plan: (plan: Plan) => Plan;
  readonly report: (report: ApplyReport) => ApplyReport;
  readonly diagnostic: (diagnostic: Diagnostic) => Diagnostic;
}

/** Enough to tell contexts apart: among a million of them, two are alike with a chance of 1 in 500. */
const DIGITS = 12;

/** What looks like an e-mail address is a key until the opposite is known. */
const ADDRESS = /[\w.%+'-]+@[\w-]+(?:\.[\w-]+)+/g;

/**
 * Hides context keys: in the fields that hold one, and wherever one of the known keys, or an e-mail address, stands in
 * a text, a value or a path.
 * @param salt keeps anybody who can guess a key from finding out its HMAC
 * @param keys the keys that may turn up
 * @param prepare is applied to every text first
 */
export function redactor(
  salt: string,
  keys: Iterable<string>,
  prepare: (text: string) => string = (text) => text,
): Redactor {
  const hide = (key: string): string =>
    `hmac:${createHmac('sha256', salt).update(key).digest('hex').slice(0, DIGITS)}`;
  const finder = new KeyFinder();
  for (const key of keys) {
    const hidden = hide(key);
    for (const spelling of spellings(key)) finder.add(spelling, hidden);
  }
  /** What is wrong with a key is said without quotes around it, so that here a short one is one too. */
  const firstWord = (message: string): string =>
    message.replace(/^\S+(?= )/, (word) => finder.replacementOf(word) ?? word);
  const text = (content: string): string => finder.replace(prepare(content)).replace(ADDRESS, hide);

  const change = (original: Change): Change => ({
    ...original,
    key: hide(original.key),
    before: side(original.before),
    after: side(original.after),
    at: original.at && { ...original.at, file: text(original.at.file) },
    provenance: deep(original.provenance),
    ...(original.owner === undefined ? {} : { owner: text(original.owner) }),
    ...(original.reason === undefined ? {} : { reason: text(original.reason) }),
  });
  const side = (original: OverrideValue | null): OverrideValue | null =>
    original && {
      ...original,
      // Variations can be objects with context keys for names.
      value: mapTexts(original.value, text, text) as Json,
      ...(original.name === undefined ? {} : { name: text(original.name) }),
    };
  /** Every text in a value. The names of its fields stay. */
  const deep = <T>(value: T): T => mapTexts(value, text) as T;
  const plan = (original: Plan): Plan => ({
    ...original,
    head: deep(original.head),
    scopes: original.scopes.map((scope) => ({
      ...scope,
      paused: deep(scope.paused),
      lastApplied: deep(scope.lastApplied),
    })),
    changes: original.changes.map(change).toSorted(compareChanges),
    guards: original.guards.map((guard) => ({
      ...guard,
      message: text(guard.message),
      remedy: text(guard.remedy),
    })),
    warnings: original.warnings.map(text),
  });

  return {
    text,
    plan,
    report: (original) => {
      return {
        ...original,
        plan: plan(original.plan),
        outcomes: original.outcomes.map((outcome) => ({
          ...outcome,
          change: change(outcome.change),
          message: text(outcome.message),
        })),
        verification: original.verification && {
          ...original.verification,
          failure: original.verification.failure && text(original.verification.failure),
          mismatches: original.verification.mismatches.map((mismatch) => ({
            ...mismatch,
            change: change(mismatch.change),
          })),
        },
        notices: original.notices.map(text),
      };
    },
    diagnostic: (original) => ({
      ...original,
      message: text(firstWord(original.message)),
      ...(original.hint === undefined ? {} : { hint: text(original.hint) }),
      at: { ...original.at, file: text(original.at.file) },
    }),
  };
}

/** A key as messages show it: as it is, in JSON, made safe for a terminal, and in the path of a request. */
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
