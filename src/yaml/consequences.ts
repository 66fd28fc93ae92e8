import type { ErrorObject } from 'ajv/dist/2020.js';

/**
 * Removes violations that only follow from another one: those inside the branches of a failed choice, other violations
 * by a value of the wrong type, keywords that only repeat what a subschema found, and all but the first violation by
 * a key. Takes linear time.
 */
export function withoutConsequences(errors: readonly ErrorObject[]): ErrorObject[] {
  const choices = new Map<string, string[]>();
  const wrongTypes = new Map<string, ErrorObject>();
  for (const error of errors) {
    if (error.keyword === 'type' && error.propertyName === undefined)
      wrongTypes.set(error.instancePath, error);
    if (error.keyword !== 'oneOf' && error.keyword !== 'anyOf') continue;
    const known = choices.get(error.instancePath) ?? [];
    known.push(`${error.schemaPath}/`);
    choices.set(error.instancePath, known);
  }
  const keys = new Set<string>();
  return errors.filter((error) => {
    if (error.keyword === 'if' || error.keyword === 'propertyNames') return false;
    const type = wrongTypes.get(error.instancePath);
    if (type !== undefined && type !== error && error.propertyName === undefined) return false;
    if (isInsideChoice(error, choices)) return false;
    if (error.propertyName === undefined) return true;
    const key = `${error.instancePath}\n${error.propertyName}`;
    return keys.has(key) ? false : Boolean(keys.add(key));
  });
}

function isInsideChoice(error: ErrorObject, choices: ReadonlyMap<string, readonly string[]>): boolean {
  if (choices.size === 0) return false;
  for (let path = error.instancePath; ; path = path.slice(0, path.lastIndexOf('/'))) {
    if (choices.get(path)?.some((choice) => error.schemaPath.startsWith(choice)) === true) return true;
    if (path === '') return false;
  }
}
