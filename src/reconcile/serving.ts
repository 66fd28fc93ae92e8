import { createValueLookup } from './override-values.js';
import type { OverrideValue } from './plan.js';
import {
  contextKey,
  type LiveEnvironment,
  type LiveFlag,
  type LivePrerequisite,
  type OverrideId,
} from './state.js';

/** What a flag serves to one context, and why. */
export interface Serving {
  /**
   * Null if it is the fallback value in the code: the flag is archived, or has no off variation. Absent if it depends on
   * rules or a percentage rollout, which are not evaluated: only the context's key is known.
   */
  readonly served?: OverrideValue | null;
  readonly why: Why;
}

export type Why =
  /** Decided by the flag itself: `target` is an individual target, `fallthrough` the default rule. */
  | { readonly reason: 'archived' | 'off' | 'target' | 'fallthrough' }
  /** The off variation is served because of another flag. */
  | { readonly reason: 'prerequisite'; readonly prerequisite: CheckedPrerequisite }
  /** Undecided: rules come before the default rule. */
  | { readonly reason: 'rules'; readonly rules: number; readonly ifNoneMatches: Serving }
  /** Undecided: the default rule is a percentage rollout, or is not in the response. */
  | { readonly reason: 'rollout' | 'unknown' }
  /** Undecided: whether a prerequisite is met depends on rules or a rollout. */
  | {
      readonly reason: 'undecided-prerequisite';
      readonly prerequisite: CheckedPrerequisite;
      readonly ifMet: Serving;
      /** The off variation; null for the fallback value in the code. */
      readonly ifNot: OverrideValue | null;
    };

/** A prerequisite, and what it serves to the same context. */
export interface CheckedPrerequisite {
  readonly flag: string;
  /** Null if the flag or the variation does not exist. */
  readonly mustServe: OverrideValue | null;
  /** Absent if the flag does not exist, or depends on the flag whose prerequisite it is. */
  readonly serves?: Serving;
}

/** Evaluates flags of one environment for one context of a single kind. */
export interface FlagEvaluator {
  /** What a flag serves; undefined if the flag has no such environment. */
  serve(flag: LiveFlag): Serving | undefined;
}

/**
 * Evaluates as LaunchDarkly's SDKs do: an archived flag is not known to them; then off, prerequisites, individual
 * targets, rules and the default rule.
 * @param flags by key; they must contain all prerequisites that exist
 */
export function createEvaluator(
  flags: ReadonlyMap<string, LiveFlag>,
  environment: string,
  { kind, key }: Pick<OverrideId, 'kind' | 'key'>,
): FlagEvaluator {
  const valueOf = createValueLookup();
  const context = contextKey(kind, key);

  const serve = (flag: LiveFlag, above: ReadonlySet<string>): Serving | undefined => {
    const config = flag.environments.get(environment);
    if (flag.state === 'archived') return { served: null, why: { reason: 'archived' } };
    if (config === undefined) return undefined;
    const off = valueOf(flag, config.offVariation);
    if (!config.on) return { served: off, why: { reason: 'off' } };
    const path = new Set([...above, flag.key]);
    const checked = config.prerequisites.map((prerequisite) => check(prerequisite, path));
    const failed = checked.find(({ isMet }) => isMet === false);
    if (failed !== undefined) {
      return { served: off, why: { reason: 'prerequisite', prerequisite: failed.prerequisite } };
    }
    const serving = serveOn(flag, config);
    const open = checked.find(({ isMet }) => isMet === undefined);
    if (open === undefined) return serving;
    const { prerequisite } = open;
    return { why: { reason: 'undecided-prerequisite', prerequisite, ifMet: serving, ifNot: off } };
  };

  const check = (
    { flag: name, variation }: LivePrerequisite,
    path: ReadonlySet<string>,
  ): { readonly prerequisite: CheckedPrerequisite; readonly isMet: boolean | undefined } => {
    const flag = flags.get(name);
    const mustServe = flag === undefined ? null : valueOf(flag, variation);
    const serves = flag === undefined || path.has(name) ? undefined : serve(flag, path);
    if (serves === undefined) return { prerequisite: { flag: name, mustServe }, isMet: false };
    const prerequisite = { flag: name, mustServe, serves };
    if (serves.why.reason === 'off') return { prerequisite, isMet: false };
    if (serves.served === undefined) return { prerequisite, isMet: undefined };
    return { prerequisite, isMet: serves.served?.variation === variation };
  };

  const serveOn = (flag: LiveFlag, { targets, rules, fallthrough }: LiveEnvironment): Serving => {
    const target = targets.get(context);
    if (target !== undefined) return { served: valueOf(flag, target), why: { reason: 'target' } };
    const serving: Serving =
      typeof fallthrough === 'number'
        ? { served: valueOf(flag, fallthrough), why: { reason: 'fallthrough' } }
        : { why: { reason: fallthrough } };
    return rules === 0 ? serving : { why: { reason: 'rules', rules, ifNoneMatches: serving } };
  };

  return { serve: (flag) => serve(flag, new Set()) };
}
