import { combine } from '../declare/combine.js';
import { type Declaration, parseDeclaration } from '../declare/parse/parse.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { compareScope, type ScopeComparison } from '../reconcile/compare.js';
import { type LiveState, overrideKey, scopeKey } from '../reconcile/state.js';
import { SourceText } from '../yaml/source.js';
import type { Declared } from './read-declarations.js';

/** What an import is checked with. */
interface ImportToCheck {
  readonly declared: Declared;
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly live: LiveState;
  /** The scopes, compared without the new files. */
  readonly compared: readonly { readonly comparison: ScopeComparison }[];
  /** Epoch milliseconds, for expiry. */
  readonly now: number;
}

/**
 * Reads the new declarations together with the existing ones, as the next plan will, and checks that they add no
 * difference to the live state.
 * @throws OperatorError `import-differs`
 */
export function checkImport({ declared, files, live, compared, now }: ImportToCheck): void {
  const { config, workspace } = declared;
  const parsed = files.map(({ path, text }) => parseDeclaration(new SourceText(path, text)));
  const fresh = parsed.flatMap((result): Declaration[] =>
    'declaration' in result && result.declaration !== undefined ? [result.declaration] : [],
  );
  const combined = combine([...declared.declarations, ...fresh], config, {
    ...workspace,
    links: new Map(),
  });
  const problem = [...parsed.flatMap(({ diagnostics }) => diagnostics), ...combined.diagnostics].find(
    ({ severity }) => severity === 'error',
  );
  if (problem !== undefined) throw differs(describe(problem));
  for (const { comparison: before } of compared) {
    const project = live.get(before.scope.project);
    const desired = combined.desired.get(scopeKey(before.scope));
    if (desired === undefined || project === undefined) continue;
    const after = compareScope(desired, project, before.policy, now, config.writes);
    const [first] = after.diagnostics;
    if (first !== undefined) throw differs(describe(first));
    const known = differencesOf(before);
    const added = after.differences.find((difference) => !known.has(overrideKey(difference)));
    if (added !== undefined) throw differs(`${added.flag} of ${added.kind} ${JSON.stringify(added.key)}`);
  }
}

function differencesOf({ differences }: ScopeComparison): ReadonlySet<string> {
  return new Set(differences.map(overrideKey));
}

function describe({ at, message }: Diagnostic): string {
  return `${at.file}:${at.line}:${at.col} ${message}`;
}

function differs(what: string): OperatorError {
  return new OperatorError('import-differs', `nothing was written, since a plan would not match: ${what}`, {
    hint: 'narrow the import with --flag and --context',
  });
}
