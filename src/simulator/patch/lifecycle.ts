import { invalid } from '../api/errors.js';
import { optionalString } from '../api/optional-string.js';
import type { Json } from '../../json/json.js';
import { uuid } from '../world/ids.js';
import type { FlagDraft } from './draft.js';
import type { PatchInstruction } from './fields.js';

/** A flag that is a prerequisite of others cannot be archived. */
export function archive({ project, flag, now }: FlagDraft): void {
  if (flag.state === 'archived') return;
  const dependents = [...project.flags.values()].filter(
    (other) =>
      other.state !== 'archived' &&
      [...other.configs.values()].some((config) => config.prerequisites.some(({ key }) => key === flag.key)),
  );
  if (dependents.length > 0) {
    throw invalid(`the flag is a prerequisite of ${dependents.map(({ key }) => key).join(', ')}`);
  }
  flag.state = 'archived';
  flag.stateDate = now;
}

export function restore({ flag }: FlagDraft): void {
  if (flag.state !== 'archived') return;
  flag.state = 'live';
  flag.stateDate = undefined;
}

export function deprecate({ flag, now }: FlagDraft): void {
  if (flag.state === 'archived') throw invalid('an archived flag cannot be deprecated');
  if (flag.state === 'deprecated') return;
  flag.state = 'deprecated';
  flag.stateDate = now;
}

export function restoreDeprecated({ flag }: FlagDraft): void {
  if (flag.state !== 'deprecated') return;
  flag.state = 'live';
  flag.stateDate = undefined;
}

/** A new variation must have the type of the existing ones. */
export function addVariation({ project, flag }: FlagDraft, instruction: PatchInstruction): void {
  const { value } = instruction;
  if (!isJson(value)) throw invalid('value is missing');
  const types = new Set(flag.variations.map((variation) => typeOf(variation.value)));
  if (types.has('boolean')) throw invalid('a boolean flag always has two variations');
  if (!types.has(typeOf(value))) throw invalid('the value has a different type from the flag’s variations');
  const id = uuid('variation', project.key, flag.key, String(flag.variations.length));
  flag.variations = [
    ...flag.variations,
    {
      id,
      value,
      name: optionalString(instruction, 'name'),
      description: optionalString(instruction, 'description'),
    },
  ];
}

/** The body was parsed from JSON, so a value that is present is JSON. */
function isJson(value: unknown): value is Json {
  return value !== undefined;
}

function typeOf(value: Json): string {
  return typeof value === 'object' ? 'json' : typeof value;
}
