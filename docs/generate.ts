import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'prettier';
import { commandReference } from './generate/commands.js';
import { diagnosticReference } from './generate/diagnostics.js';
import { schemaReference } from './generate/schema.js';

// Writes docs/reference/ from the schemas, the help of the commands and the list of codes: `npm run docs`.

const ROOT = join(import.meta.dirname, '..');

/** Every generated page: its path from the root, and its text. */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  const pages: readonly (readonly [path: string, text: string])[] = [
    ['docs/reference/declarations.md', schemaPage('Declarations', 'schemas/overrides.schema.json')],
    ['docs/reference/configuration.md', schemaPage('Configuration', 'schemas/flagops.schema.json')],
    ['docs/reference/commands.md', commandReference()],
    ['docs/reference/diagnostics.md', diagnosticReference()],
  ];
  const options = JSON.parse(readFileSync(join(ROOT, '.prettierrc.json'), 'utf8')) as object;
  const formatted = await Promise.all(
    pages.map(
      async ([path, text]) => [path, await format(text, { ...options, parser: 'markdown' })] as const,
    ),
  );
  return new Map(formatted);
}

function schemaPage(title: string, path: string): string {
  return schemaReference(title, JSON.parse(readFileSync(join(ROOT, path), 'utf8')), path);
}

if (pathToFileURL(process.argv[1] ?? '').href === import.meta.url) {
  for (const [path, text] of await referencePages()) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
  }
}
