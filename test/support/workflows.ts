import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { validate } from '@actions/languageservice';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { parse } from 'yaml';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const EXAMPLE = 'examples/storefront/.github/workflows/flag-overrides.yml';
export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** All workflows of this repository and its examples, as paths from the root. */
export const WORKFLOWS = ['.', ...readdirSync(join(ROOT, 'examples')).map((name) => `examples/${name}`)]
  .map((folder) => join(folder, '.github/workflows'))
  .filter((folder) => existsSync(join(ROOT, folder)))
  .flatMap((folder) => readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`));

type Metadata = Awaited<
  ReturnType<
    NonNullable<NonNullable<Parameters<typeof validate>[1]>['actionsMetadataProvider']>['fetchActionMetadata']
  >
>;
const ourMetadata = parse(read('action.yml')) as NonNullable<Metadata>;
let documents = 0;

/**
 * What GitHub's language service finds in a workflow or an action.yml, as `line: message`. Inputs for this Action are
 * checked against its action.yml; inputs for other actions are not checked, since that needs the network.
 */
export async function diagnose(path: string, text: string): Promise<string[]> {
  // The service caches documents by their URI.
  documents += 1;
  const document = TextDocument.create(`file:///${documents}/${path}`, 'yaml', 1, text);
  const found = await validate(document, {
    actionsMetadataProvider: {
      fetchActionMetadata: async ({ owner, name }) =>
        `${owner}/${name}` === 'flagops/flagops' ? ourMetadata : { name, description: '' },
    },
  });
  return found.map(
    ({ range, message }) =>
      `${range.start.line + 1}: ${typeof message === 'string' ? message : message.value}`,
  );
}
