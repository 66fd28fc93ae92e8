import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>;
}
interface Operation {
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

/** The part of an OpenAPI document that is used here. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
}

/** A request and its response, as a client sees them. */
export interface ObservedExchange {
  readonly method: string;
  /** As it was sent: percent-encoded, with the query. */
  readonly path: string;
  readonly requestBody?: unknown;
  readonly status: number;
  readonly body: unknown;
}

/** A way in which an exchange deviates from the document. */
export interface Finding {
  /** For example `PUT /api/v2/…/flags/{featureFlagKey}`. */
  readonly operation: string;
  readonly status: number;
  readonly problem: 'unknown operation' | 'unknown status' | 'request body' | 'response body';
  readonly detail: string;
}

export interface OpenApi {
  /** Method and path template of every operation. */
  readonly operations: readonly string[];
  /** The documented statuses of an operation. */
  statuses(operation: string): readonly number[];
  check(exchange: ObservedExchange): readonly Finding[];
}

/** Checks exchanges against a document. An object whose schema lists properties must have no others. */
export function openApiOf(given: OpenApiDocument): OpenApi {
  const document = structuredClone(given);
  close(document.components.schemas);
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  // LaunchDarkly's document gives a few strings this format, which does not exist.
  ajv.addFormat('string', true);
  ajv.addSchema({ $id: 'openapi', ...document });
  const operations = new Map<string, Operation>(
    Object.entries(document.paths).flatMap(([path, verbs]) =>
      Object.entries(verbs)
        .filter(([verb]) => verb !== 'parameters')
        .map(([verb, operation]) => [`${verb.toUpperCase()} ${path}`, operation] as const),
    ),
  );
  const matchers = [...operations.keys()].map((name) => ({ name, pattern: pattern(name) }));
  const validators = new Map<string, ReturnType<typeof ajv.compile>>();
  const errors = (schema: object, value: unknown): string | undefined => {
    const text = JSON.stringify(schema).replaceAll('"#/', '"openapi#/');
    const validate = validators.get(text) ?? ajv.compile(JSON.parse(text));
    validators.set(text, validate);
    return validate(value) ? undefined : ajv.errorsText(validate.errors);
  };
  return {
    operations: [...operations.keys()],
    statuses: (name) => Object.keys(operations.get(name)?.responses ?? {}).map(Number),
    check({ method, path, requestBody, status, body }) {
      const target = `${method} ${path.replace(/\?.*$/s, '')}`;
      const name = matchers.find((matcher) => matcher.pattern.test(target))?.name;
      const operation = name === undefined ? undefined : operations.get(name);
      if (name === undefined || !operation) {
        return [{ operation: target, status, problem: 'unknown operation', detail: target }];
      }
      const found: Finding[] = [];
      const finding = (problem: Finding['problem'], detail: string): void => {
        found.push({ operation: name, status, problem, detail });
      };
      const asked = operation.requestBody?.content?.['application/json']?.schema;
      if (requestBody !== undefined && status < 400) {
        const wrong = asked ? errors(asked, requestBody) : 'no body is documented';
        if (wrong !== undefined) finding('request body', wrong);
      }
      const response = operation.responses[String(status)];
      if (!response) finding('unknown status', String(status));
      const schema = response?.content?.['application/json']?.schema;
      if (response && schema) {
        const wrong = errors(schema, body);
        if (wrong !== undefined) finding('response body', wrong);
      } else if (response && body !== undefined) {
        finding('response body', 'there should be none');
      }
      return found;
    },
  };
}

function pattern(name: string): RegExp {
  const escaped = name.replace(/[.$^*+?()|[\]\\]/g, String.raw`\$&`).replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${escaped}$`);
}

/** Forbids unlisted properties in every object, so that a response with an invented property is an error. */
function close(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return;
  for (const value of Object.values(schema)) close(value);
  if ('properties' in schema && 'type' in schema && !('additionalProperties' in schema)) {
    Object.assign(schema, { additionalProperties: false });
  }
}
