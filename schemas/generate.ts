import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import addFormats from 'ajv-formats';
import { compileFromFile } from 'json-schema-to-typescript';

// What is made from the schemas is checked in: the types of the configuration, and the compiled validators, since
// compiling a schema at every start takes as long as reading a hundred files.
//   npm run generate   writes all of it

const root = join(import.meta.dirname, '..');

/** The files that are made from the schemas, each with its maker. */
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
 * The code that ajv generates copies every error so far for each part of a file that has one: a file with 100,000
 * errors would take minutes. Appending takes milliseconds.
 */
function appendErrors(code: string): string {
  return code.replaceAll(
    /vErrors\.concat\((?<found>\w+\.errors)\)/g,
    '$<found>.reduce((all, error) => (all.push(error), all), vErrors)',
  );
}

/**
 * ajv asks for its own parts with `require`, which a module does not have. They are CommonJS with a `default`, which
 * some loaders take for what is imported, and others for a part of it.
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
