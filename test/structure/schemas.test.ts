import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { DEFAULT_CONFIG, DEFAULT_POLICY } from '../../src/config/config.js';
import { parseConfig } from '../../src/config/parse.js';
import { checkBaseUrl } from '../../src/launchdarkly/http/base-url.js';
import { SourceText } from '../../src/yaml/source.js';
import schema from '../../schemas/flagops.schema.json' with { type: 'json' };

interface Described {
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Described>>;
}

/** All defaults in a schema, as an object. */
function defaultsOf({ properties = {} }: Described): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, property]): [string, unknown][] => {
      if ('default' in property) return [[name, property.default]];
      return property.properties === undefined ? [] : [[name, defaultsOf(property)]];
    }),
  );
}

function parse(value: unknown): ReturnType<typeof parseConfig> {
  return parseConfig(new SourceText('flagops.yaml', stringify(value)));
}

describe('the schema of the configuration', () => {
  it('the schema of the configuration has the defaults that the code uses', () => {
    const { baseUrl, ...defaults } = defaultsOf(schema as Described);
    expect(parse({ version: 1, ...defaults })).toEqual({ config: DEFAULT_CONFIG, diagnostics: [] });
    expect(checkBaseUrl({ fromFile: undefined, fromOutside: undefined })).toBe(baseUrl);
  });

  it('the schema of the configuration has the defaults of a scope', () => {
    const scope = { project: 'p', environment: 'e', ...defaultsOf(schema.$defs.scope as Described) };
    expect(parse({ version: 1, scopes: [scope] }).config?.scopes).toEqual([
      { project: 'p', environment: 'e', policy: DEFAULT_POLICY },
    ]);
  });
});
