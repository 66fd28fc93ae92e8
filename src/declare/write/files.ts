import { LIMITS } from '../../yaml/limits.js';
import { SourceText } from '../../yaml/source.js';
import type { OverrideId, ScopeId } from '../../reconcile/state.js';
import { parseDeclaration } from '../parse/parse.js';
import { renderDeclaration, type WrittenOverride } from './render.js';

/** A declaration to write. */
export interface NewDeclaration {
  readonly scope: ScopeId;
  /** What the file should be called, without its folder and extension. */
  readonly name: string;
  readonly text: string;
  readonly overrides: number;
}

/** How the overrides of a scope are distributed over files. */
export type Split =
  | { readonly by: 'scope'; readonly name: string }
  /** A file for each flag, named after it. */
  | { readonly by: 'flag'; readonly prefix: string }
  | {
      readonly by: 'context';
      /** In order; a context belongs to the first that it matches. */
      readonly parts: readonly {
        readonly name: string;
        readonly matches: (id: Pick<OverrideId, 'kind' | 'key'>) => boolean;
      }[];
      /** For all others. */
      readonly rest: string;
    };

/**
 * Distributes overrides over declarations, each small enough to be read: a file that is over a limit becomes several.
 * @returns the declarations, sorted by name; and the overrides that no file can hold
 */
export function newDeclarations(
  scope: ScopeId,
  overrides: readonly WrittenOverride[],
  split: Split,
): { readonly declarations: readonly NewDeclaration[]; readonly refused: readonly WrittenOverride[] } {
  const declarations: NewDeclaration[] = [];
  const refused: WrittenOverride[] = [];
  const parts = new Map<string, WrittenOverride[]>();
  for (const override of overrides) {
    const name = partOf(override, split);
    const known = parts.get(name);
    if (known === undefined) parts.set(name, [override]);
    else known.push(override);
  }
  for (const [name, part] of [...parts].toSorted(([a], [b]) => Number(a > b) - Number(a < b))) {
    const waiting: (readonly WrittenOverride[])[] = [part];
    for (let some = waiting.pop(); some !== undefined; some = waiting.pop()) {
      const text = renderDeclaration(scope, some);
      if (isReadable(text)) declarations.push({ scope, name, text, overrides: some.length });
      else if (some.length === 1) refused.push(...some);
      else {
        const half = Math.ceil(some.length / 2);
        waiting.push(some.slice(half), some.slice(0, half));
      }
    }
  }
  return { declarations, refused };
}

/** The name of the file in which an override belongs. */
export function partOf(override: OverrideId, split: Split): string {
  switch (split.by) {
    case 'scope':
      return split.name;
    case 'flag':
      return `${split.prefix}${override.flag}`;
    case 'context':
      return split.parts.find(({ matches }) => matches(override))?.name ?? split.rest;
  }
}

function isReadable(text: string): boolean {
  if (Buffer.byteLength(text) > LIMITS.bytes) return false;
  return 'declaration' in parseDeclaration(new SourceText('imported.yaml', text));
}
