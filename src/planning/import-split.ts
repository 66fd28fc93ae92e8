import type { Split } from '../declare/write/files.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { checkGlobs, contextGlob, contextName, nameFilter } from '../reconcile/filter.js';

/** The value of `--split` for a file for each flag. */
export const BY_FLAG = 'flag';

/** The globs of contexts in the values of `--split`. */
export function contextsOf(split: readonly string[]): readonly string[] {
  return split.filter((glob) => glob !== BY_FLAG);
}

/**
 * Checks the values of `--split`: `flag`, or globs of contexts; without any, each scope is one file.
 * @throws OperatorError `bad-glob`, `filter-empty`, `import-split`
 */
export function checkSplit(split: readonly string[]): void {
  if (split.length > 1 && split.includes(BY_FLAG)) {
    throw new OperatorError('import-split', '--split flag cannot be combined with another --split', {
      hint: 'to name the user called flag, write user:flag',
    });
  }
  checkGlobs(
    '--split',
    contextsOf(split).map((glob) => (glob === '' ? '' : contextGlob(glob))),
    'context',
  );
}

/**
 * How the overrides of a scope are distributed over files.
 * @param prefix of every file name, if scopes of several projects share a folder
 */
export function splitFor(split: readonly string[], prefix: string): Split {
  if (split.length === 0) return { by: 'scope', name: `${prefix}imported` };
  if (split.includes(BY_FLAG)) return { by: 'flag', prefix };
  const taken = new Set<string>();
  const parts = split.map((glob) => {
    const matches = nameFilter([contextGlob(glob)]);
    return {
      name: freeName(`${prefix}${fileName(glob)}`, taken),
      matches: (id: { readonly kind: string; readonly key: string }) => matches(contextName(id)),
    };
  });
  return { by: 'context', parts, rest: freeName(`${prefix}imported`, taken) };
}

/** `*@acme.example` becomes `acme.example`. */
function fileName(glob: string): string {
  const name = glob
    .replace(/^user:/, '')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
    .slice(0, 60);
  return name === '' ? 'contexts' : name;
}

function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name}-${number}`;
  taken.add(free);
  return free;
}
