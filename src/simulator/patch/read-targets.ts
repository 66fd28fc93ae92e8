import { invalid } from '../api/errors.js';
import { Targets } from '../world/targets.js';
import { readFilled, readList, readObject, readVariation, refuseOthers } from './read.js';

interface Group {
  readonly kind: string;
  readonly variation: number;
  readonly keys: readonly string[];
}

/**
 * The individual targets in the fields `targets` and `contextTargets` of a flag. Groups of kind `user` in
 * `contextTargets` are empty and only record the order.
 * @param name of the environment, for errors
 * @param count of the flag's variations
 */
export function readTargets(
  { targets, contextTargets }: { readonly targets: unknown; readonly contextTargets: unknown },
  name: string,
  count: number,
  kinds: ReadonlySet<string>,
): Targets {
  const users = readList(targets, `${name}/targets`, (item, path) => readGroup(item, path, count));
  const all = readList(contextTargets, `${name}/contextTargets`, (item, path) =>
    readGroup(item, path, count),
  );
  for (const [index, { kind }] of users.entries()) {
    if (kind !== 'user') throw invalid(`${name}/targets/${index} must be of kind user; use contextTargets`);
  }
  for (const [index, { kind, keys }] of all.entries()) {
    if (!kinds.has(kind)) throw invalid(`the project has no context kind ${JSON.stringify(kind)}`);
    if (kind === 'user' && keys.length > 0) {
      throw invalid(`${name}/contextTargets/${index} must not have values of kind user; use targets`);
    }
  }
  const read = new Targets();
  const add = ({ kind, variation, keys }: Group): void => {
    for (const key of keys) {
      if ((read.variationOf(kind, key) ?? variation) !== variation) {
        throw invalid(`${name}: ${kind} ${JSON.stringify(key)} is targeted to two variations`);
      }
      read.set(kind, key, variation);
    }
  };
  for (const group of all) {
    if (group.kind !== 'user') add(group);
    else for (const one of users) if (one.variation === group.variation) add(one);
  }
  for (const group of users) add(group);
  return read;
}

function readGroup(value: unknown, name: string, count: number): Group {
  const object = readObject(value, name);
  refuseOthers(object, ['values', 'variation', 'contextKind'], name);
  const kind = readFilled(object['contextKind'] ?? 'user', `${name}/contextKind`);
  return {
    kind,
    variation: readVariation(object['variation'], `${name}/variation`, count),
    keys: readList(object['values'], `${name}/values`, readFilled),
  };
}
