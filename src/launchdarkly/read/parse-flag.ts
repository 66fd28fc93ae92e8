import { flawIn, type Json } from '../../json/json.js';
import { contextKey, type LiveEnvironment, type LiveFlag, type Variation } from '../../reconcile/state.js';
import { asObject, isObject, asList, asString, unexpectedResponse } from './json-fields.js';

/**
 * Reads one flag of an answer (`FeatureFlag` in the API document) for the given environments.
 * @returns the flag, and those of the environments that the answer does not have: never to be taken for "no targets"
 * @throws OperatorError `unexpected-answer`
 */
export function parseFlag(
  raw: unknown,
  environments: readonly string[],
): { readonly flag: LiveFlag; readonly lacks: readonly string[] } {
  const fields = asObject(raw, 'a flag');
  const key = asString(fields['key'], "a flag's key");
  const variations = asList(fields['variations'], `variations of flag ${key}`).map((variation) =>
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
    lacks: environments.filter((environment) => !present.includes(environment)),
  };
}

function parseVariation(raw: unknown, flag: string): Variation {
  const fields = asObject(raw, `a variation of flag ${flag}`);
  if (!('value' in fields)) throw unexpectedResponse(`a variation of flag ${flag} has no value`);
  return {
    id: typeof fields['_id'] === 'string' ? fields['_id'] : undefined,
    name: typeof fields['name'] === 'string' && fields['name'] !== '' ? fields['name'] : undefined,
    value: jsonOf(fields['value'], `a variation of flag ${flag}`),
  };
}

/** `FeatureFlagConfig`. Lists that are empty may be absent. */
function parseEnvironment(raw: unknown, variations: number, where: string): LiveEnvironment {
  const fields = asObject(raw, where);
  if (typeof fields['on'] !== 'boolean') throw unexpectedResponse(`${where} is neither on nor off`);
  const targets = new Map<string, number>();
  for (const entry of optionalList(fields['targets'], `targets of ${where}`)) {
    addTargets(targets, entry, variations, where);
  }
  // Holds the other kinds, and for `user` placeholders without values that only fix an order.
  for (const entry of optionalList(fields['contextTargets'], `contextTargets of ${where}`)) {
    addTargets(targets, entry, variations, where);
  }
  return {
    on: fields['on'],
    prerequisites: optionalList(fields['prerequisites'], `prerequisites of ${where}`).map((prerequisite) =>
      asString(
        asObject(prerequisite, `a prerequisite of ${where}`)['key'],
        `a prerequisite's key of ${where}`,
      ),
    ),
    targets,
  };
}

function addTargets(targets: Map<string, number>, raw: unknown, variations: number, where: string): void {
  const entry = asObject(raw, `a target of ${where}`);
  const values = asList(entry['values'], `target keys of ${where}`);
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
  const kindText = asString(kind, `a target's context kind of ${where}`);
  for (const value of values) {
    const key = contextKey(kindText, asString(value, `a target key of ${where}`));
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
  return value === undefined || value === null ? [] : asList(value, where);
}

/** Keys come from the outside: `constructor` is a possible environment. */
function own(fields: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

/** What `JSON.parse` makes is JSON, unless it has a flaw. */
function jsonOf(value: unknown, where: string): Json {
  const flaw = flawIn(value);
  if (flaw !== undefined) throw unexpectedResponse(`${where} ${flaw}`);
  return value as Json;
}
