import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { ParsedNode } from 'yaml';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { LIMITS } from './limits.js';
import { child, find } from './position.js';
import type { YamlFile } from './read.js';
import { type NodePlace, renderViolation } from './violation.js';

/** Checks a file against a JSON Schema (draft 2020-12) and places every violation. */
export type SchemaCheck = (file: YamlFile) => readonly Diagnostic[];

/** Compiles the schema at the first call, so that commands that read no file do not pay for it. */
export function schemaCheck(schema: object): SchemaCheck {
  let validate: ValidateFunction | undefined;
  return (file) => {
    validate ??= compile(schema);
    if (validate(file.value)) return [];
    const violations = withoutConsequences(validate.errors ?? []);
    const shown = violations.slice(0, LIMITS.violations).map((violation) => diagnose(violation, file));
    const last = shown.at(-1);
    const left = violations.length - shown.length;
    if (left === 0 || last === undefined) return shown;
    const message = `${left} more violations of the schema in this file`;
    return [...shown, { severity: 'error', code: 'schema-more', message, at: last.at }];
  };
}

function compile(schema: object): ValidateFunction {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allowUnionTypes: true,
    verbose: true,
  });
  addFormats.default(ajv);
  return ajv.compile(schema);
}

/**
 * A failed choice is told once, as the choice: what failed inside of each of its branches only confuses. The same
 * goes for the keywords that merely hand on what a subschema found.
 */
function withoutConsequences(errors: readonly ErrorObject[]): ErrorObject[] {
  const choices = errors.filter((error) => error.keyword === 'oneOf' || error.keyword === 'anyOf');
  return errors.filter(
    (error) =>
      error.keyword !== 'if' &&
      error.keyword !== 'propertyNames' &&
      !choices.some(
        (choice) =>
          choice !== error &&
          error.schemaPath.startsWith(choice.schemaPath) &&
          error.instancePath.startsWith(choice.instancePath),
      ),
  );
}

function diagnose(error: ErrorObject, file: YamlFile): Diagnostic {
  const place = findPlace(error, file.root);
  const { message, hint } = renderViolation(error, place);
  return {
    severity: 'error',
    code: `schema-${error.keyword.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    message,
    ...(hint === undefined ? {} : { hint }),
    at: file.source.positionAt(place.offset),
  };
}

/** Follows the error's JSON pointer (RFC 6901) through the nodes: to a key where the key is at fault. */
function findPlace(error: ErrorObject, root: ParsedNode): NodePlace {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const found = find(root, path);
  const name: unknown = error.propertyName ?? error.params['additionalProperty'];
  const key = typeof name === 'string' ? child(found.node, name) : undefined;
  return key === undefined
    ? { path, node: found.node, offset: found.offset }
    : { path, node: null, offset: key.keyOffset };
}
