import { invalid } from '../api/errors.js';
import { canonical, type Json } from '../../json/json.js';
import { uuid } from '../world/ids.js';
import type { Flag, FlagConfig, FlagVariation, Project } from '../world/model.js';
import { readList, readObject, readString, refuseOthers } from './read.js';

/**
 * The variations of a flag after a patch. Variations are referred to by index, so only the last ones can be removed, and
 * only if nothing refers to them.
 * @throws ErrorResponse 400
 */
export function readVariations(project: Project, flag: Flag, value: unknown): readonly FlagVariation[] {
  const read = readList(value, 'variations', (item, name) => {
    const object = readObject(item, name);
    refuseOthers(object, ['_id', 'value', 'name', 'description'], name);
    const { _id: id, value: json, name: title, description } = object;
    if (!isJson(json)) throw invalid(`${name}/value is missing`);
    return {
      id: id === undefined ? undefined : readString(id, `${name}/_id`),
      value: json,
      name: readText(title, `${name}/name`),
      description: readText(description, `${name}/description`),
    };
  });
  if (read.length < 2) throw invalid('variations must be a list of at least two');
  checkValues(read, flag);
  return read.map((variation, index) => {
    const old = flag.variations[index];
    const known = flag.variations.some(({ id }) => id === variation.id);
    if (variation.id !== undefined && variation.id !== old?.id) {
      throw invalid(known ? 'moving variations is not simulated' : 'an id of a new variation cannot be set');
    }
    return { ...variation, id: old?.id ?? uuid('variation', project.key, flag.key, String(index)) };
  });
}

/** Null and the empty string are no text. */
function readText(value: unknown, name: string): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : readString(value, name);
}

function checkValues(read: readonly { readonly value: Json }[], flag: Flag): void {
  const type = typeOf(flag.variations[0]?.value ?? null);
  if (type === 'boolean' && read.length !== 2) throw invalid('a boolean flag always has two variations');
  if (read.some(({ value }) => typeOf(value) !== type)) {
    throw invalid('all variations of a flag must have values of the same type');
  }
  if (new Set(read.map(({ value }) => canonical(value))).size < read.length) {
    const before = new Set(flag.variations.map(({ value }) => canonical(value)));
    // Flags of seeds can have the same value twice, and their other fields must still be changeable.
    if (before.size === flag.variations.length) throw invalid('the values of variations must be unique');
  }
}

/** Whether a flag's configuration refers to variations that do not exist. */
export function refersBeyond(config: FlagConfig, count: number): boolean {
  const indexes = [
    ...config.targets.groups().map(({ variation }) => variation),
    ...[config.fallthrough, ...config.rules].flatMap((serve) =>
      'variation' in serve ? [serve.variation] : serve.rollout.variations.map(({ variation }) => variation),
    ),
    config.offVariation ?? 0,
  ];
  return indexes.some((index) => index >= count);
}

function typeOf(value: Json): string {
  return typeof value === 'object' ? 'json' : typeof value;
}

function isJson(value: unknown): value is Json {
  return value !== undefined;
}
