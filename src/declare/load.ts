import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { decode } from '../yaml/decode.js';
import { SourceText } from '../yaml/source.js';
import { blobId, type ParsedCache, WORTH_CACHING } from './cache.js';
import { decodeDeclaration, encodeDeclaration } from './encode.js';
import { type Declaration, parseDeclaration } from './parse.js';

/** Files open at a time: enough to hide the disk, and far from what a process may have. */
const FILES_AT_A_TIME = 16;

type Loaded = ReturnType<typeof parseDeclaration>;

/** Reads and parses declarations; those with errors are left out, and everything wrong with any is told. */
export async function loadDeclarations(
  root: string,
  paths: readonly string[],
  cache: ParsedCache | undefined,
): Promise<{ readonly declarations: readonly Declaration[]; readonly diagnostics: readonly Diagnostic[] }> {
  const limit = pLimit(FILES_AT_A_TIME);
  const results = await Promise.all(paths.map((path) => limit(() => loadDeclaration(root, path, cache))));
  await cache?.trim();
  return {
    declarations: results.flatMap((result) => result.declaration ?? []),
    diagnostics: results.flatMap((result) => result.diagnostics),
  };
}

async function loadDeclaration(root: string, path: string, cache: ParsedCache | undefined): Promise<Loaded> {
  const fail = (code: string, message: string, hint: string): Loaded => ({
    diagnostics: [{ severity: 'error', code, message, hint, at: { file: path, line: 1, col: 1 } }],
  });
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(root, path));
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    return fail(
      'file-unreadable',
      `the file cannot be read: ${reason}`,
      'make it readable, or narrow the globs',
    );
  }
  const decoded = decode(bytes);
  if (!decoded.ok) return fail(decoded.code, decoded.message, decoded.hint);
  const source = new SourceText(path, decoded.text);
  if (cache === undefined || bytes.length < WORTH_CACHING) return parseDeclaration(source);
  return parseCached(source, blobId(bytes), cache);
}

/** Parses a file unless an earlier run did. Only what is free of diagnostics is kept. */
async function parseCached(source: SourceText, id: string, cache: ParsedCache): Promise<Loaded> {
  const encoded = await cache.get(id);
  if (encoded !== undefined) {
    return { declaration: decodeDeclaration(encoded, source.path, source.text), diagnostics: [] };
  }
  const parsed = parseDeclaration(source);
  if (parsed.declaration !== undefined && parsed.diagnostics.length === 0) {
    await cache.put(id, encodeDeclaration(parsed.declaration));
  }
  return parsed;
}
