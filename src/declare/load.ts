import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorCode } from '../diagnostics/codes.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { DiagnosticList } from '../diagnostics/list.js';
import { decode, sizeFault } from '../yaml/decode.js';
import { SourceText } from '../yaml/source.js';
import { type FileIds, fileIds, type ObjectFormat } from './cache/blob-id.js';
import type { ParsedCache } from './cache/cache.js';
import { decodeParsed, encodeParsed } from './cache/encode.js';
import { MAX_BYTES, MAX_DIAGNOSTICS, MAX_OVERRIDES } from './parse/limits.js';
import type { Declaration, Parsed } from './parse/parse.js';
import { plural } from '../text/plural.js';

/** The declarations of a working tree. */
export interface LoadedDeclarations {
  readonly declarations: readonly Declaration[];
  /** The same by git's id of the file's content: of identical files, only the last one. */
  readonly byBlob: ReadonlyMap<string, Declaration>;
  /** The ids that git may give to the files that were read, by path, including files with errors. */
  readonly ids: ReadonlyMap<string, FileIds>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads and parses declarations. Those with errors are left out, and all errors are reported. Reading ends with an error
 * when a limit for all files together is exceeded.
 * @param format how the repository computes ids
 * @param instead contents by path that are read instead of those on disk
 */
export async function loadDeclarations(
  root: string,
  paths: readonly string[],
  cache: ParsedCache | undefined,
  format: ObjectFormat = 'sha1',
  instead: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<LoadedDeclarations> {
  const declarations: Declaration[] = [];
  const byBlob = new Map<string, Declaration>();
  const ids = new Map<string, FileIds>();
  const diagnostics = new DiagnosticList(MAX_DIAGNOSTICS);
  const last: Diagnostic[] = [];
  let [bytesRead, overrides] = [0, 0];
  for (const [index, path] of paths.entries()) {
    // Read synchronously: for a thousand small files, this is faster than a thousand promises.
    const bytes = instead.get(path) ?? read(join(root, path));
    const known = 'ok' in bytes ? undefined : fileIds(bytes, format);
    if (known !== undefined) ids.set(path, known);
    const id = known?.id;
    const parsed = 'ok' in bytes ? failure(path, bytes) : await parse(path, bytes, id, cache);
    for (const diagnostic of parsed.diagnostics) diagnostics.add(diagnostic);
    bytesRead += 'ok' in bytes ? 0 : bytes.length;
    overrides += parsed.declaration?.overrides.length ?? 0;
    const unread = diagnostics.isFull ? paths.length - index - 1 : 0;
    const stop = exceededLimit(bytesRead, overrides, unread);
    if (stop !== undefined) {
      last.push(...failure(path, stop).diagnostics);
      break;
    }
    if (parsed.declaration === undefined) continue;
    declarations.push(parsed.declaration);
    if (id !== undefined) byBlob.set(id, parsed.declaration);
  }
  cache?.save();
  return { declarations, byBlob, ids, diagnostics: [...diagnostics.all(), ...last] };
}

interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** @param unread number of files that are skipped because there are too many errors */
function exceededLimit(bytes: number, overrides: number, unread: number): Fault | undefined {
  if (bytes > MAX_BYTES) {
    const message = `the declarations up to this file have more than ${MAX_BYTES / 1024 / 1024} MiB`;
    return {
      code: 'too-many-bytes',
      message,
      hint: 'use a targeting rule or a segment for that many contexts',
    };
  }
  if (overrides > MAX_OVERRIDES) {
    const message = `the declarations up to this file have more than ${MAX_OVERRIDES} overrides`;
    return {
      code: 'too-many-overrides',
      message,
      hint: 'use a targeting rule or a segment for that many contexts',
    };
  }
  if (unread === 0) return undefined;
  const message = `${plural(unread, 'more file was', 'more files were')} not read after ${MAX_DIAGNOSTICS} errors`;
  return { code: 'too-many-errors', message, hint: 'fix the errors above' };
}

/** The bytes of a file, or why it cannot be read. */
function read(path: string): Uint8Array | (Fault & { readonly ok: false }) {
  try {
    return sizeFault(statSync(path).size) ?? readFileSync(path);
  } catch (error) {
    const message = `the file cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`;
    return { ok: false, code: 'file-unreadable', message, hint: 'make it readable, or narrow the globs' };
  }
}

function failure(path: string, { code, message, hint }: Fault): Parsed {
  return { diagnostics: [{ severity: 'error', code, message, hint, at: { file: path, line: 1, col: 1 } }] };
}

/** Parses a file, unless the cache has it without diagnostics. */
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
  if (!decoded.ok) return failure(path, decoded);
  // Loaded on demand: loading the parser takes longer than parsing many files.
  const { parseDeclaration } = await import('./parse/parse.js');
  const parsed = parseDeclaration(new SourceText(path, decoded.text));
  if (id !== undefined && remembered === undefined) cache?.put(id, encodeParsed(parsed));
  return parsed;
}
