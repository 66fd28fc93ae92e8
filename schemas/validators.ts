import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import addFormats from 'ajv-formats';

// What holds files against their schemas is compiled beforehand and checked in: to compile it at every start takes as
// long as to read a hundred files.
//   npm run validators   writes them anew

const root = join(import.meta.dirname, '..');

/** The compiled validators by the schemas that they are made from. */
export const VALIDATORS: Readonly<Record<string, string>> = {
  'schemas/overrides.schema.json': 'src/declare/overrides-validator.mjs',
  'schemas/flagops.schema.json': 'src/config/flagops-validator.mjs',
  'schemas/simulator-seed.schema.json': 'src/simulator/seed-validator.mjs',
};

/** The module that exports `validate` for a schema (JSON Schema, draft 2020-12). */
export function validatorCode(path: string): string {
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
  return `// Generated from ${path} by npm run validators.\n${withImports(appendErrors(code))}\n`;
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
  for (const [schema, file] of Object.entries(VALIDATORS))
    writeFileSync(join(root, file), validatorCode(schema));
}
