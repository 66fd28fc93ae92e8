import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { validate } from '@actions/languageservice';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { parse } from 'yaml';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const EXAMPLE = 'examples/storefront/.github/workflows/flag-overrides.yml';
export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Every workflow of this repository and of its examples, as paths from the root. */
export const WORKFLOWS = ['.', ...readdirSync(join(ROOT, 'examples')).map((name) => `examples/${name}`)]
  .map((folder) => join(folder, '.github/workflows'))
  .filter((folder) => existsSync(join(ROOT, folder)))
  .flatMap((folder) => readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`));

type Metadata = Awaited<
  ReturnType<
    NonNullable<NonNullable<Parameters<typeof validate>[1]>['actionsMetadataProvider']>['fetchActionMetadata']
  >
>;
const ours = parse(read('action.yml')) as NonNullable<Metadata>;
let documents = 0;

/**
 * What GitHub's own language service says of a workflow or an action.yml, as `line: message`. What steps hand to this
 * Action is held against its action.yml; what they hand to others is not looked at, since that takes the network.
 */
export async function diagnose(path: string, text: string): Promise<string[]> {
  // It remembers what it read by where that was.
  documents += 1;
  const document = TextDocument.create(`file:///${documents}/${path}`, 'yaml', 1, text);
  const found = await validate(document, {
    actionsMetadataProvider: {
      fetchActionMetadata: async ({ owner, name }) =>
        `${owner}/${name}` === 'flagops/flagops' ? ours : { name, description: '' },
    },
  });
  return found.map(
    ({ range, message }) =>
      `${range.start.line + 1}: ${typeof message === 'string' ? message : message.value}`,
  );
}
