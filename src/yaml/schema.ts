import type { ErrorObject } from 'ajv/dist/2020.js';
import type { ParsedNode } from 'yaml';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { LIMITS } from './limits.js';
import { child, find } from './position.js';
import type { YamlFile } from './read.js';
import { withoutConsequences } from './consequences.js';
import { schemaCode } from './schema-code.js';
import { describeViolation } from './violation.js';
import { cut, type NodePlace } from './words.js';

/** A compiled JSON Schema (draft 2020-12), as `schemas/generate.ts` compiles it. */
export interface Validate {
  (value: unknown): boolean;
  /** The violations found by the last call. */
  readonly errors?: readonly ErrorObject[] | null;
}

/** Checks a file against a schema and finds the position of every violation. */
export type SchemaCheck = (file: YamlFile) => readonly Diagnostic[];

export function schemaCheck(validate: Validate): SchemaCheck {
  return (file) => {
    if (validate(file.value)) return [];
    const violations = withoutConsequences(validate.errors ?? []);
    const shown = violations.slice(0, LIMITS.shown).map((violation) => diagnose(violation, file));
    const last = shown.at(-1);
    const left = violations.length - shown.length;
    if (left === 0 || last === undefined) return shown;
    const message = `${left} more violations in this file`;
    return [...shown, { severity: 'error', code: 'more-violations', message, at: last.at }];
  };
}

function diagnose(error: ErrorObject, file: YamlFile): Diagnostic {
  const place = findPlace(error, file.root);
  const { message, hint } = describeViolation(error, place);
  return {
    severity: 'error',
    code: schemaCode(error.keyword, error.schema),
    message: cut(message),
    ...(hint === undefined ? {} : { hint: cut(hint) }),
    at: file.source.positionAt(place.offset),
  };
}

/** Follows the error's JSON pointer (RFC 6901) through the nodes; if a key is at fault, to that key. */
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

/** The key to remove: an unknown one, or the last of several that are mutually exclusive. */
function keyAtFault(error: ErrorObject): string | undefined {
  if (error.keyword === 'additionalProperties') return String(error.params['additionalProperty']);
  if (error.keyword !== 'oneOf' || !Array.isArray(error.params['passingSchemas'])) return undefined;
  return (error.schema as readonly { readonly required?: readonly string[] }[])
    .flatMap((alternative) => alternative.required ?? [])
    .at(-1);
}
