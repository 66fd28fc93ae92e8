import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import { mustRun } from './git.js';
import type { FoundRepository } from './repository.js';

/** Attributes with which git checks out other bytes than were committed, apart from line ends. */
const ATTRIBUTES = ['filter', 'ident', 'working-tree-encoding'];

/** What people know some filters as. */
const KNOWN: Readonly<Record<string, string>> = {
  lfs: ' (Git LFS keeps its content elsewhere, and only a pointer is committed)',
  'git-crypt': ' (git-crypt keeps it encrypted in the commit)',
};

/**
 * An error for each file that git may check out with other content than was committed: what is applied would not be
 * what is committed, and history could not tell what a commit declared. Line ends do not count.
 *
 * Git is asked, so it makes no difference where an attribute is set: in a `.gitattributes` at any level, in
 * `info/attributes`, or for the user or the machine. A filter counts whether or not this machine has its program.
 *
 * @param paths relative to the root, with `/`
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
    if (changesContent(attribute, value)) diagnostics.push(refusal(file, attribute, value));
  }
  return diagnostics;
}

function changesContent(attribute: string, value: string): boolean {
  if (value === 'unspecified' || value === 'unset') return false;
  if (attribute === 'ident') return value === 'set';
  return attribute !== 'working-tree-encoding' || !/^utf-?8$/i.test(value);
}

function refusal(file: string, attribute: string, value: string): Diagnostic {
  const setting = value === 'set' ? attribute : `${attribute}=${value}`;
  const known = attribute === 'filter' ? (KNOWN[value] ?? '') : '';
  const folder = file.includes('/') ? `${file.slice(0, file.indexOf('/'))}/**` : file;
  return {
    severity: 'error',
    code: 'content-filter',
    message: `git checks this file out with other content than was committed: its attribute is ${setting}${known}`,
    hint: `take it back, for example at the end of .gitattributes: ${folder} -filter -ident -working-tree-encoding`,
    at: { file, line: 1, col: 1 },
  };
}
