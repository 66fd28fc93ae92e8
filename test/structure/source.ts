import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** One `import … from` or `export … from` of a source file. */
export interface Import {
  /** The importing file, relative to the root. */
  readonly from: string;
  /** A file relative to the root, or a package without its subpath. */
  readonly to: string;
  /** Whether it imports only types, and is not in the JavaScript. */
  readonly typeOnly: boolean;
  /** Whether it is an `import()`, which loads only when it runs. */
  readonly deferred: boolean;
}

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The TypeScript files under `src`, relative to the root. */
export function sourceFiles(): string[] {
  const entries = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  return entries.flatMap((entry) => (entry.endsWith('.ts') ? [posix.join('src', entry)] : [])).toSorted();
}

/** The TypeScript files of a directory of `test`, relative to the root. */
export function testFiles(directory: string): string[] {
  const folder = posix.join('test', directory);
  const entries = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return entries.flatMap((entry) => (entry.endsWith('.ts') ? [posix.join(folder, entry)] : [])).toSorted();
}

const EXPORT =
  /^export (?:abstract )?(?:async )?(?:const|function\*?|class|interface|type|let) (?<name>\w+)/gm;

/** The names that a source file defines and exports. An overloaded function counts once. */
export function exportsOf(path: string): Set<string> {
  return new Set([...read(path).matchAll(EXPORT)].map(({ groups }) => groups?.['name'] ?? ''));
}

const STATEMENT = /^(?:import|export)(?<type> type)?\s(?:[^;']*?\sfrom\s+)?'(?<static>[^']+)'/gms;
const DYNAMIC = /\bimport\('(?<dynamic>[^']+)'\)/g;

/** The imports of a source file, including `import()`. */
export function importsOf(path: string): Import[] {
  const text = read(path);
  return [...text.matchAll(STATEMENT), ...text.matchAll(DYNAMIC)].map(({ groups }) => ({
    from: path,
    to: target(path, groups?.['static'] ?? groups?.['dynamic'] ?? ''),
    typeOnly: groups?.['type'] !== undefined,
    deferred: groups?.['dynamic'] !== undefined,
  }));
}

function target(path: string, specifier: string): string {
  if (specifier.startsWith('.')) {
    return posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts');
  }
  const parts = specifier.split('/');
  return specifier.startsWith('node:')
    ? specifier
    : parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

/** All packages that are loaded with a file, directly or through the files that it imports. */
export function packagesBehind(path: string): Set<string> {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const { to, typeOnly, deferred } of importsOf(file)) {
      if (typeOnly || deferred || to.endsWith('.json')) continue;
      if (to.endsWith('.ts')) visit(to);
      else packages.add(to);
    }
  };
  visit(path);
  return packages;
}
