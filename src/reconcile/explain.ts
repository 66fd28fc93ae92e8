import type { ListedOverride, ListedScope } from './list.js';
import { createValueLookup } from './override-values.js';
import { type Action, compareChanges, type Plan, type Withheld } from './plan.js';
import { flagFilter } from './policy.js';
import { createEvaluator, type Serving } from './serving.js';
import { contextKey, type LiveFlag, type OverrideId, scopedKey } from './state.js';

/** Everything that is known about one flag for one context: what is declared and live, and what is served and why. */
export interface Explanation extends Serving, Omit<ListedOverride, 'provenance'> {
  readonly state: LiveFlag['state'];
  /** The commit behind the declaration, or behind its disappearance; absent if nothing was ever declared. */
  readonly provenance?: ListedOverride['provenance'];
  /** What the plan does to the override; absent if nothing. */
  readonly change?: Action;
  /** Why that is not applied. */
  readonly withheld?: Withheld;
  /** Present if the configuration excludes the flag, so that its overrides are left alone. */
  readonly excluded?: true;
}

/** What is explained: one context, and one flag or all flags in which an override is live or declared for it. */
export interface ExplainedQuestion extends Pick<OverrideId, 'kind' | 'key'> {
  readonly flag: string | undefined;
}

/** Whether an override is one that the question is about. */
export function isAskedFor({ flag, kind, key }: ExplainedQuestion): (id: OverrideId) => boolean {
  return (id) => id.kind === kind && id.key === key && (flag === undefined || id.flag === flag);
}

/** The keys of the flags to explain in a scope. */
export function explainedFlags(
  { live, comparison, declared }: ListedScope,
  question: ExplainedQuestion,
): string[] {
  if (question.flag !== undefined) return [question.flag];
  const context = contextKey(question.kind, question.key);
  const { environment } = comparison.scope;
  const targeted = [...live.flags.values()].filter((flag) =>
    flag.environments.get(environment)?.targets.has(context),
  );
  const asked = [...declared.values()].filter(isAskedFor(question));
  return [...new Set([...targeted.map(({ key }) => key), ...asked.map(({ flag }) => flag)])];
}

/**
 * Explains a context in some scopes. A scope in whose project the flag does not exist is left out.
 * @param flags by project and key: those that are explained, and their prerequisites
 * @param plan of these scopes, without filters
 * @param listed the overrides that the question is about
 */
export function explainFlags(
  scopes: readonly ListedScope[],
  flags: ReadonlyMap<string, ReadonlyMap<string, LiveFlag>>,
  question: ExplainedQuestion,
  { plan, listed }: { readonly plan: Plan; readonly listed: readonly ListedOverride[] },
): Explanation[] {
  const changes = new Map(plan.changes.map((change) => [scopedKey(change, change), change]));
  const overrides = new Map(listed.map((override) => [scopedKey(override, override), override]));
  const { kind, key } = question;
  return scopes
    .flatMap((planned): Explanation[] => {
      const { scope, policy } = planned.comparison;
      const known = flags.get(scope.project) ?? new Map<string, LiveFlag>();
      const evaluator = createEvaluator(known, scope.environment, question);
      const valueOf = createValueLookup();
      const mayTouch = flagFilter(policy);
      return explainedFlags(planned, question).flatMap((name) => {
        const flag = known.get(name);
        if (flag === undefined) return [];
        const serving = evaluator.serve(flag);
        if (serving === undefined) return [];
        const id = scopedKey(scope, { flag: name, kind, key });
        const change = changes.get(id);
        const target = flag.environments.get(scope.environment)?.targets.get(contextKey(kind, key));
        return {
          ...scope,
          flag: name,
          kind,
          key,
          ...overrides.get(id),
          state: flag.state,
          live: valueOf(flag, target),
          ...serving,
          ...(change === undefined ? {} : { change: change.action }),
          ...(change?.withheld === undefined ? {} : { withheld: change.withheld }),
          ...(mayTouch(name) ? {} : { excluded: true as const }),
        };
      });
    })
    .toSorted(compareChanges);
}
