import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { ParsedNode } from 'yaml';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { LIMITS } from './limits.js';
import { child, find } from './position.js';
import type { YamlFile } from './read.js';
import { withoutConsequences } from './consequences.js';
import { renderViolation } from './violation.js';
import type { NodePlace } from './words.js';

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
    const message = `${left} more violations in this file`;
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
    code: { process: appendErrors },
  });
  addFormats.default(ajv);
  return ajv.compile(schema);
}

/**
 * The code that ajv generates copies every error so far for each part of a file that has one: a file with 100,000
 * errors would take minutes. Appending takes milliseconds.
 */
function appendErrors(code: string): string {
  return code.replaceAll(
    /vErrors\.concat\((?<found>\w+\.errors)\)/g,
    '$<found>.reduce((all, error) => (all.push(error), all), vErrors)',
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
  if (error.keyword === 'uniqueItems') path.push(String(error.params['i']));
  const found = find(root, path);
  const name = error.propertyName ?? keyAtFault(error);
  const key = name === undefined ? undefined : child(found.node, name);
  return key === undefined
    ? { path, node: found.node, offset: found.offset }
    : { path, node: null, offset: key.keyOffset };
}

/** The key that is one too many: one that is unknown, or the last of those that exclude each other. */
function keyAtFault(error: ErrorObject): string | undefined {
  if (error.keyword === 'additionalProperties') return String(error.params['additionalProperty']);
  if (error.keyword !== 'oneOf' || !Array.isArray(error.params['passingSchemas'])) return undefined;
  return (error.schema as readonly { readonly required?: readonly string[] }[])
    .flatMap((alternative) => alternative.required ?? [])
    .at(-1);
}
