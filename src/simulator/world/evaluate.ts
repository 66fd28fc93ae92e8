import type { Json } from '../../json/json.js';
import { variationInRollout } from './bucket.js';
import { saltOf } from './ids.js';
import type { Flag, Project } from './model.js';

/** Why a context is served a variation, in the terms of the SDKs. */
type Reason =
  | { readonly kind: 'OFF' | 'TARGET_MATCH' | 'FALLTHROUGH' }
  | { readonly kind: 'PREREQUISITE_FAILED'; readonly prerequisiteKey: string };

export interface Evaluation {
  /** Index of the variation; undefined if the flag is off and has no off variation. */
  readonly variation: number | undefined;
  readonly value: Json;
  readonly reason: Reason;
  /** Whether the result could differ because of rules, which are not evaluated. */
  readonly ignoresRules: boolean;
}

/**
 * Evaluates a flag for one context: off, then prerequisites, then individual targets, then the fallthrough. Rules come
 * before the fallthrough and are not evaluated: of a context only the key is known.
 */
export function evaluate(
  project: Project,
  environment: string,
  flag: Flag,
  context: { readonly kind: string; readonly key: string },
): Evaluation {
  return evaluateWithin(project, environment, flag, context, new Set());
}

function evaluateWithin(
  project: Project,
  environment: string,
  flag: Flag,
  context: { readonly kind: string; readonly key: string },
  above: ReadonlySet<string>,
): Evaluation {
  const config = flag.configs.get(environment);
  if (!config?.on) return serve(flag, config?.offVariation ?? undefined, { kind: 'OFF' });
  const path = new Set([...above, flag.key]);
  let ignoresRules = false;
  const failed = config.prerequisites.find(({ key, variation }) => {
    const prerequisite = project.flags.get(key);
    // A seed can make a flag its own prerequisite, directly or through others, or an archived one, which SDKs do not
    // receive. Such a prerequisite always fails.
    const isServing =
      prerequisite?.state !== 'archived' && prerequisite?.configs.get(environment)?.on === true;
    if (!isServing || path.has(key)) return true;
    const served = evaluateWithin(project, environment, prerequisite, context, path);
    ignoresRules ||= served.ignoresRules;
    return served.variation !== variation;
  });
  if (failed) {
    const reason = { kind: 'PREREQUISITE_FAILED', prerequisiteKey: failed.key } as const;
    return { ...serve(flag, config.offVariation ?? undefined, reason), ignoresRules };
  }
  const target = config.targets.variationOf(context.kind, context.key);
  if (target !== undefined) return { ...serve(flag, target, { kind: 'TARGET_MATCH' }), ignoresRules };
  const { fallthrough } = config;
  const variation =
    'variation' in fallthrough
      ? fallthrough.variation
      : variationInRollout(fallthrough.rollout, context, flag.key, saltOf(project, flag, environment));
  ignoresRules ||= config.rules.some(({ disabled }) => !disabled);
  return { ...serve(flag, variation, { kind: 'FALLTHROUGH' }), ignoresRules };
}

function serve(flag: Flag, variation: number | undefined, reason: Reason): Evaluation {
  const served = variation === undefined ? undefined : flag.variations[variation];
  return { variation, value: served?.value ?? null, reason, ignoresRules: false };
}
