import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import addFormats from 'ajv-formats';
import { compileFromFile } from 'json-schema-to-typescript';

// `npm run generate` writes the types of the configuration and the compiled validators, which are checked in: compiling
// a schema at every start would take as long as reading a hundred files.

const root = join(import.meta.dirname, '..');

/** The generated files, each with the function that generates it. */
export const GENERATED: Readonly<Record<string, () => string | Promise<string>>> = {
  'src/config/flagops-schema.ts': () => typesOf('schemas/flagops.schema.json'),
  'src/config/flagops-validator.mjs': () => validatorOf('schemas/flagops.schema.json'),
  'src/declare/parse/overrides-validator.mjs': () => validatorOf('schemas/overrides.schema.json'),
  'src/simulator/seed/seed-validator.mjs': () => validatorOf('schemas/simulator-seed.schema.json'),
};

/** The TypeScript types of a schema. */
function typesOf(path: string): Promise<string> {
  return compileFromFile(join(root, path), {
    additionalProperties: false,
    format: false,
    bannerComment: `/* Generated from ${path} by npm run generate. */`,
  });
}

/** The module that exports `validate` for a schema (JSON Schema, draft 2020-12). */
function validatorOf(path: string): string {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allowUnionTypes: true,
    verbose: true,
    code: { source: true, esm: true },
  });
  addFormats.default(ajv);
  const schema = JSON.parse(readFileSync(join(root, path), 'utf8')) as object;
  const code = standalone.default(ajv, ajv.compile(schema));
  return `// Generated from ${path} by npm run generate.\n${withImports(appendErrors(code))}\n`;
}

/**
 * Makes ajv's code append errors instead of copying the list of errors each time: a file with 100,000 errors would take
 * minutes.
 */
function appendErrors(code: string): string {
  return code.replaceAll(
    /vErrors\.concat\((?<found>\w+\.errors)\)/g,
    '$<found>.reduce((all, error) => (all.push(error), all), vErrors)',
  );
}

/**
 * Replaces ajv's calls to `require`, which ES modules do not have. Its modules are CommonJS with a `default`: some
 * loaders import that, and others import an object that contains it.
 */
function withImports(code: string): string {
  const names = new Map<string, string>();
  const body = code.replaceAll(/require\("([^"]+)"\)(\.default)?/g, (_, name: string, isDefault?: string) => {
    const known = names.get(name) ?? `part${names.size}`;
    names.set(name, known);
    return isDefault === undefined ? known : `(${known}.default ?? ${known})`;
  });
  const imports = [...names].map(([name, known]) => `import ${known} from '${name}.js';\n`);
  return `${imports.join('')}${body.replace('"use strict";', '').replace(/export default \w+;/, '')}`;
}

if (pathToFileURL(process.argv[1] ?? '').href === import.meta.url) {
  for (const [file, make] of Object.entries(GENERATED)) writeFileSync(join(root, file), await make());
}
