import { flawIn, type Json } from '../../json/json.js';
import { isObject, type JsonObject } from '../../json/object.js';
import {
  contextKey,
  type Fallthrough,
  type LiveEnvironment,
  type LiveFlag,
  type LivePrerequisite,
  type Variation,
} from '../../reconcile/state.js';
import { expectObject, expectList, expectString, unexpectedResponse } from './json-fields.js';

/**
 * Parses one flag of a response (`FeatureFlag` in the API document) for the given environments.
 * @returns the flag, and the environments that the response does not include; a missing environment does not mean that it
 *   has no targets
 * @throws OperatorError `unexpected-answer`
 */
export function parseFlag(
  raw: unknown,
  environments: readonly string[],
): { readonly flag: LiveFlag; readonly missing: readonly string[] } {
  const fields = expectObject(raw, 'a flag');
  const key = expectString(fields['key'], "a flag's key");
  const variations = expectList(fields['variations'], `variations of flag ${key}`).map((variation) =>
    parseVariation(variation, key),
  );
  const configs = isObject(fields['environments']) ? fields['environments'] : {};
  const present = environments.filter((environment) => isObject(own(configs, environment)));
  return {
    flag: {
      key,
      state: fields['archived'] === true ? 'archived' : fields['deprecated'] === true ? 'deprecated' : 'live',
      variations,
      environments: new Map(
        present.map((environment) => [
          environment,
          parseEnvironment(own(configs, environment), variations.length, `flag ${key} in ${environment}`),
        ]),
      ),
    },
    missing: environments.filter((environment) => !present.includes(environment)),
  };
}

function parseVariation(raw: unknown, flag: string): Variation {
  const fields = expectObject(raw, `a variation of flag ${flag}`);
  if (!('value' in fields)) throw unexpectedResponse(`a variation of flag ${flag} has no value`);
  return {
    id: typeof fields['_id'] === 'string' ? fields['_id'] : undefined,
    name: typeof fields['name'] === 'string' && fields['name'] !== '' ? fields['name'] : undefined,
    value: jsonOf(fields['value'], `a variation of flag ${flag}`),
  };
}

/** Parses a `FeatureFlagConfig`. Empty lists may be absent. */
function parseEnvironment(raw: unknown, variations: number, where: string): LiveEnvironment {
  const fields = expectObject(raw, where);
  if (typeof fields['on'] !== 'boolean') throw unexpectedResponse(`${where} is neither on nor off`);
  return {
    on: fields['on'],
    offVariation: indexOf(fields['offVariation'], variations),
    prerequisites: optionalList(fields['prerequisites'], `prerequisites of ${where}`).map((prerequisite) =>
      parsePrerequisite(prerequisite, where),
    ),
    targets: parseTargets(fields, variations, where),
    rules: optionalList(fields['rules'], `rules of ${where}`).filter(
      (rule) => !isObject(rule) || rule['disabled'] !== true,
    ).length,
    fallthrough: parseFallthrough(fields['fallthrough'], variations),
  };
}

/**
 * Parses the targets in a `FeatureFlagConfig`: indexes of variations by `contextKey`.
 * @param variations how many variations the flag has
 * @throws OperatorError `unexpected-answer`
 */
export function parseTargets(
  fields: JsonObject,
  variations: number,
  where: string,
): ReadonlyMap<string, number> {
  const targets = new Map<string, number>();
  for (const entry of optionalList(fields['targets'], `targets of ${where}`)) {
    addTargets(targets, entry, variations, where);
  }
  // Contains the targets of other kinds, and for `user` placeholders without values that only set an order.
  for (const entry of optionalList(fields['contextTargets'], `contextTargets of ${where}`)) {
    addTargets(targets, entry, variations, where);
  }
  return targets;
}

function parsePrerequisite(raw: unknown, where: string): LivePrerequisite {
  const fields = expectObject(raw, `a prerequisite of ${where}`);
  const flag = expectString(fields['key'], `the key of a prerequisite of ${where}`);
  const variation = fields['variation'];
  if (typeof variation !== 'number' || !Number.isInteger(variation)) {
    throw unexpectedResponse(`the prerequisite ${flag} of ${where} has no variation`);
  }
  return { flag, variation };
}

/** Parses a `VariationOrRolloutRep`. No change depends on it, so an invalid one is not an error. */
function parseFallthrough(raw: unknown, variations: number): Fallthrough {
  if (!isObject(raw)) return 'unknown';
  return indexOf(raw['variation'], variations) ?? (isObject(raw['rollout']) ? 'rollout' : 'unknown');
}

/** The index of a variation; undefined if there is none, or it is invalid. */
function indexOf(value: unknown, variations: number): number | undefined {
  const isIndex = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < variations;
  return isIndex ? value : undefined;
}

function addTargets(targets: Map<string, number>, raw: unknown, variations: number, where: string): void {
  const entry = expectObject(raw, `a target of ${where}`);
  const values = expectList(entry['values'], `target keys of ${where}`);
  if (values.length === 0) return;
  const variation = entry['variation'];
  if (
    typeof variation !== 'number' ||
    !Number.isInteger(variation) ||
    variation < 0 ||
    variation >= variations
  ) {
    throw unexpectedResponse(
      `a target of ${where} refers to variation ${String(variation)} of ${variations}`,
    );
  }
  const kind =
    entry['contextKind'] === undefined || entry['contextKind'] === '' ? 'user' : entry['contextKind'];
  const kindText = expectString(kind, `a target's context kind of ${where}`);
  for (const value of values) {
    const key = contextKey(kindText, expectString(value, `a target key of ${where}`));
    const other = targets.get(key);
    if (other !== undefined && other !== variation) {
      throw unexpectedResponse(
        `${kindText} ${String(value)} is targeted twice in ${where}, with variations ${other} and ${variation}`,
      );
    }
    targets.set(key, variation);
  }
}

function optionalList(value: unknown, where: string): readonly unknown[] {
  return value === undefined || value === null ? [] : expectList(value, where);
}

/** Keys come from outside, so an environment may be called `constructor`. */
function own(fields: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

/** Rejects what `JSON.parse` accepts but JSON cannot represent: numbers beyond the range, and lone surrogates. */
function jsonOf(value: unknown, where: string): Json {
  const flaw = flawIn(value);
  if (flaw !== undefined) throw unexpectedResponse(`${where} ${flaw}`);
  return value as Json;
}
