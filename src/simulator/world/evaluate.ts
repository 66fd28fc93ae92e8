import type { Json } from '../../json/json.js';
import type { Flag, FlagConfig, Project } from './model.js';

/** Why a context is served a variation, in the terms of the SDKs. */
type Reason =
  | { readonly kind: 'OFF' | 'TARGET_MATCH' | 'FALLTHROUGH' }
  | { readonly kind: 'PREREQUISITE_FAILED'; readonly prerequisiteKey: string };

export interface Evaluation {
  /** Index of the variation; undefined if the flag is off and has no off variation. */
  readonly variation: number | undefined;
  readonly value: Json;
  readonly reason: Reason;
}

/** Evaluates a flag for one context: off, then prerequisites, then individual targets, then the fallthrough. */
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
  const failed = config.prerequisites.find(({ key, variation }) => {
    const prerequisite = project.flags.get(key);
    // A seed can make a flag its own prerequisite, directly or through others. Such a prerequisite always fails.
    if (!prerequisite?.configs.get(environment)?.on || path.has(key)) return true;
    return evaluateWithin(project, environment, prerequisite, context, path).variation !== variation;
  });
  if (failed) return off(flag, config, { kind: 'PREREQUISITE_FAILED', prerequisiteKey: failed.key });
  const target = config.targets.variationOf(context.kind, context.key);
  if (target !== undefined) return serve(flag, target, { kind: 'TARGET_MATCH' });
  return serve(flag, config.fallthrough, { kind: 'FALLTHROUGH' });
}

function off(flag: Flag, config: FlagConfig, reason: Reason): Evaluation {
  return serve(flag, config.offVariation ?? undefined, reason);
}

function serve(flag: Flag, variation: number | undefined, reason: Reason): Evaluation {
  const served = variation === undefined ? undefined : flag.variations[variation];
  return { variation, value: served?.value ?? null, reason };
}
