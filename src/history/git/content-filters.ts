import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import type { ConfigEntry } from './git-config.js';
import { mustRun } from './git.js';
import type { FoundRepository } from './repository.js';

/** Attributes that make git check out bytes other than those committed, apart from line endings. */
const ATTRIBUTES = ['filter', 'ident', 'working-tree-encoding'];

/** Explanations of well-known filters. */
const KNOWN_FILTERS: Readonly<Record<string, string>> = {
  lfs: ' (Git LFS stores the content elsewhere and commits only a pointer)',
  'git-crypt': ' (git-crypt commits it encrypted)',
};

/**
 * Finds files that git may check out with different content than was committed. They are errors, because flagops would
 * apply something that is not in the commit, and history could not show what a commit declared. Line endings do not
 * count.
 *
 * Git itself evaluates the attributes, so they may be set anywhere: in a `.gitattributes` at any level, in
 * `info/attributes`, or for the user or the machine. A filter counts whether or not its program is installed.
 *
 * @param paths relative to the root, with `/`
 * @returns one error for each attribute of a file
 */
export async function findContentFilters(
  repo: FoundRepository,
  paths: readonly string[],
): Promise<Diagnostic[]> {
  if (paths.length === 0) return [];
  const output = await mustRun(repo.git, ['check-attr', '--stdin', '-z', ...ATTRIBUTES], {
    input: paths.map((path) => `${path}\0`).join(''),
  });
  const fields = output.toString('utf8').split('\0');
  const diagnostics: Diagnostic[] = [];
  for (let index = 0; index + 2 < fields.length; index += 3) {
    const [file = '', attribute = '', value = ''] = fields.slice(index, index + 3);
    if (changesContent(attribute, value, repo.config)) diagnostics.push(refusal(file, attribute, value));
  }
  return diagnostics;
}

function changesContent(attribute: string, value: string, config: readonly ConfigEntry[]): boolean {
  // A filter may have one of these names, and git prints the same for it. Without a configuration it does nothing.
  if (value === 'unspecified' || value === 'unset') {
    return attribute === 'filter' && config.some(({ name }) => name.startsWith(`filter.${value}.`));
  }
  if (attribute === 'ident') return value === 'set';
  return attribute !== 'working-tree-encoding' || !/^utf-?8$/i.test(value);
}

function refusal(file: string, attribute: string, value: string): Diagnostic {
  const setting = value === 'set' ? attribute : `${attribute}=${value}`;
  const known = attribute === 'filter' ? (KNOWN_FILTERS[value] ?? '') : '';
  const folder = file.includes('/') ? `${file.slice(0, file.indexOf('/'))}/**` : file;
  return {
    severity: 'error',
    code: 'content-filter',
    message: `git checks this file out with different content than was committed: its attribute is ${setting}${known}`,
    hint: `unset it, for example with this line at the end of .gitattributes: ${folder} -filter -ident -working-tree-encoding`,
    at: { file, line: 1, col: 1 },
  };
}
