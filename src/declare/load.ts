import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { decode } from '../yaml/decode.js';
import { SourceText } from '../yaml/source.js';
import { blobId } from './blob-id.js';
import type { ParsedCache } from './cache.js';
import { decodeParsed, encodeParsed } from './encode.js';
import type { Declaration, Parsed } from './parse.js';

/** The declarations of a working tree. */
export interface LoadedDeclarations {
  readonly declarations: readonly Declaration[];
  /** The same by the id that git gives to the file's content, where there is a cache. */
  readonly byBlob: ReadonlyMap<string, Declaration>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads and parses declarations; those with errors are left out, and everything wrong with any is told. */
export async function loadDeclarations(
  root: string,
  paths: readonly string[],
  cache: ParsedCache | undefined,
): Promise<LoadedDeclarations> {
  const declarations: Declaration[] = [];
  const byBlob = new Map<string, Declaration>();
  const diagnostics: Diagnostic[] = [];
  for (const path of paths) {
    // One after the other: a thousand small files are read sooner than as many promises are kept.
    const bytes = read(join(root, path));
    const id = cache === undefined || typeof bytes === 'string' ? undefined : blobId(bytes);
    const parsed =
      typeof bytes === 'string'
        ? failure(path, 'file-unreadable', bytes, 'make it readable, or narrow the globs')
        : await parse(path, bytes, id, cache);
    for (const diagnostic of parsed.diagnostics) diagnostics.push(diagnostic);
    if (parsed.declaration === undefined) continue;
    declarations.push(parsed.declaration);
    if (id !== undefined) byBlob.set(id, parsed.declaration);
  }
  cache?.save();
  return { declarations, byBlob, diagnostics };
}

/** The bytes of a file, or why there are none. */
function read(path: string): Uint8Array | string {
  try {
    return readFileSync(path);
  } catch (error) {
    return `the file cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`;
  }
}

function failure(path: string, code: string, message: string, hint: string): Parsed {
  return { diagnostics: [{ severity: 'error', code, message, hint, at: { file: path, line: 1, col: 1 } }] };
}

/** Parses a file unless an earlier run found nothing to tell in it. */
async function parse(
  path: string,
  bytes: Uint8Array,
  id: string | undefined,
  cache: ParsedCache | undefined,
): Promise<Parsed> {
  const encoded = id === undefined ? undefined : cache?.get(id);
  const remembered = encoded === undefined ? undefined : decodeParsed(encoded, path);
  if (remembered?.declaration !== undefined && remembered.isSpotless)
    return { declaration: remembered.declaration, diagnostics: [] };
  const decoded = decode(bytes);
  if (!decoded.ok) return failure(path, decoded.code, decoded.message, decoded.hint);
  // The parser is not needed where nothing is new, and takes as long to load as many a file to parse.
  const { parseDeclaration } = await import('./parse.js');
  const parsed = parseDeclaration(new SourceText(path, decoded.text));
  if (id !== undefined && remembered === undefined) cache?.put(id, encodeParsed(parsed));
  return parsed;
}
