import { OperatorError } from '../diagnostics/operator-error.js';
import { type GlobKind, parseGlob, type Part } from './parse.js';
import { ANY, characterWidth, literalStep, matchSteps, type Step } from './steps.js';

/** A pattern for paths that are relative to some folder, with `/`. */
export interface PathGlob {
  readonly matches: (path: string) => boolean;
  /** The only folder or file that can contain a match; an empty text for the whole tree. */
  readonly base: string;
}

/**
 * Compiles a pattern for keys: `*` matches any characters, including slashes and line breaks.
 * @throws OperatorError `bad-glob`
 */
export function keyGlob(pattern: string): (key: string) => boolean {
  const alternatives = parseGlob(pattern, 'key').map((parts) => parts.map(stepOf));
  return (key) => alternatives.some((steps) => matchSteps(steps, key, characterWidth));
}

/**
 * Compiles a pattern for paths: `*` matches within a folder, `**` matches any number of folders, including none.
 * Names that start with a dot are not special.
 * @throws OperatorError `bad-glob`
 */
export function pathGlob(pattern: string): PathGlob {
  if (pattern.startsWith('!'))
    throw new OperatorError('bad-glob', `the glob !${pattern}: it starts with several !`, {
      hint: 'write one',
    });
  const names = parseGlob(pattern.replace(/^(?:\.\/)+/, ''), 'path').map((parts) => namesOf(parts, pattern));
  // At the end, ** matches what is inside: `a/**` does not match `a`.
  const alternatives = names.map((list) =>
    [...list, ...(list.at(-1) === undefined ? [STAR] : [])].map(nameStep),
  );
  return {
    matches: (path) => {
      const segments = path.split('/');
      return alternatives.some((steps) => matchSteps(steps, segments, () => 1));
    },
    base: commonBase(names),
  };
}

/**
 * Checks a pattern in a list.
 * @param kind a pattern for paths may start with `!`, which excludes files; one for a context is `kind:key`
 * @returns the error, or undefined if the pattern is valid
 */
export function globFault(pattern: string, kind: GlobKind | 'context'): OperatorError | undefined {
  const colon = kind === 'context' ? pattern.indexOf(':') : -1;
  if (kind !== 'path' && pattern.startsWith('!')) {
    return new OperatorError('bad-glob', `the glob ${pattern}: a ! excludes nothing here`, {
      hint: 'list what to leave out under exclude, if there is one, or write [!] for the character',
    });
  }
  try {
    if (kind === 'path') pathGlob(pattern.replace(/^!/, ''));
    else for (const part of [pattern.slice(0, Math.max(0, colon)), pattern.slice(colon + 1)]) keyGlob(part);
    return undefined;
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
}

/** The parts between slashes; undefined for `**`. */
type Name = readonly Part[] | undefined;

const STAR: Name = [{ type: 'star' }];

function namesOf(parts: readonly Part[], pattern: string): Name[] {
  const names: Part[][] = [[]];
  for (const part of parts) {
    if (part.type === 'slash') names.push([]);
    else names.at(-1)?.push(part);
  }
  return names.map((name): Name => {
    const [first] = name;
    if (first === undefined || literalOf(name) === '.') {
      throw new OperatorError('bad-glob', `the glob ${pattern}: a folder or a file in it has no name`, {
        hint: 'write one / between names, no ./ and none at the end: folder/** is everything in a folder',
      });
    }
    if (name.every(({ type }) => type !== 'folders')) return name;
    if (name.length === 1) return undefined;
    throw new OperatorError('bad-glob', `the glob ${pattern}: ** is not the whole name of a folder`, {
      hint: 'write **/* to reach into all folders below, or * to stay in one',
    });
  });
}

function nameStep(name: Name): Step<readonly string[]> {
  if (name === undefined) return ANY;
  const steps = name.map(stepOf);
  return (path, at) => {
    const segment = path[at];
    return segment !== undefined && matchSteps(steps, segment, characterWidth) ? at + 1 : -1;
  };
}

function stepOf(part: Part): Step<string> {
  switch (part.type) {
    case 'text':
      return literalStep(part.text);
    case 'star':
    case 'folders':
      return ANY;
    case 'slash':
      return literalStep('/');
    case 'one':
      return (text, at) => (at < text.length ? at + characterWidth(text, at) : -1);
    case 'set':
      return (text, at) => {
        const code = text.codePointAt(at);
        if (code === undefined) return -1;
        const isListed = part.ranges.some(([from, to]) => from <= code && code <= to);
        return isListed === part.negated ? -1 : at + characterWidth(text, at);
      };
  }
}

/** The folders that all alternatives start with. */
function commonBase(alternatives: readonly (readonly Name[])[]): string {
  const [first = [], ...others] = alternatives.map((names) => {
    const literals = names.map((name) => name && literalOf(name));
    const end = literals.indexOf(undefined);
    return end === -1 ? literals : literals.slice(0, end);
  });
  const end = first.findIndex((name, index) => others.some((other) => other[index] !== name));
  return (end === -1 ? first : first.slice(0, end)).join('/');
}

/** The text of a name without special characters; undefined for all others. */
function literalOf(name: readonly Part[]): string | undefined {
  const [first, second] = name;
  return first?.type === 'text' && second === undefined ? first.text : undefined;
}
