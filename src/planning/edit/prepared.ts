import { renderDeclaration } from '../../declare/write/render.js';
import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import { OperatorError } from '../../diagnostics/operator-error.js';
import type { OverrideId, ScopeId } from '../../reconcile/state.js';
import { SourceText } from '../../yaml/source.js';
import { DeclarationsInvalid, type Declared, declare, type DeclareOptions } from '../read-declarations.js';
import { readText } from './file-text.js';

/** A declaration with an edit that is not written yet. */
export interface EditedText {
  /** Relative to the root, with `/`. */
  readonly path: string;
  /** Undefined for a new file. */
  readonly before: string | undefined;
  readonly after: string;
  /** What is on disk; undefined for a new file. */
  readonly bytesBefore: Uint8Array | undefined;
  readonly bytes: Uint8Array;
}

/** An override that an edit declares, or no longer declares. */
export interface EditedOverride extends ScopeId, OverrideId {
  readonly path: string;
}

/** An edit that was checked and not written yet. */
export interface PreparedEdit {
  /** The declarations before the edit. */
  readonly declared: Declared;
  /** Sorted by path; none if the files already say what was asked for. */
  readonly files: readonly EditedText[];
  readonly overrides: readonly EditedOverride[];
  /** What the user should know, in sentences without a full stop. */
  readonly notes: readonly string[];
  /** The message of the commit. */
  readonly message: string;
}

/**
 * Edits a file in memory.
 * @param create the scope of a new file; undefined for one that exists
 * @param edit returns the new text
 */
export function editText(
  { workspace }: Declared,
  path: string,
  create: ScopeId | undefined,
  edit: (source: SourceText) => string,
): EditedText {
  const encoder = new TextEncoder();
  if (create !== undefined) {
    const after = edit(new SourceText(path, renderDeclaration(create, [])));
    return { path, before: undefined, after, bytesBefore: undefined, bytes: encoder.encode(after) };
  }
  const { source, bytes, mark } = readText(workspace.root, path);
  const after = edit(source);
  return {
    path,
    before: source.text,
    after,
    bytesBefore: bytes,
    bytes: after === source.text ? bytes : encoder.encode(mark + after),
  };
}

/** The edits that change something. */
export function changedTexts(files: readonly EditedText[]): readonly EditedText[] {
  return files.filter(({ before, after }) => before !== after);
}

/** The contents to read instead of those on disk. */
export function editedContents(files: readonly EditedText[]): ReadonlyMap<string, Uint8Array> {
  return new Map(files.map(({ path, bytes }) => [path, bytes]));
}

/**
 * Reads the declarations as they will be, and checks them. They were valid before.
 * @throws OperatorError `edit-invalid`
 */
export async function declareEdited(
  options: DeclareOptions,
  files: readonly EditedText[],
): Promise<Declared> {
  try {
    return await declare({ ...options, instead: editedContents(files) });
  } catch (error) {
    throw error instanceof DeclarationsInvalid ? invalidEdit(error.findings.diagnostics, error) : error;
  }
}

/**
 * The error for an edit that would not be valid. Its first problem is named without the position, which is in a text that
 * is not written.
 */
export function invalidEdit(diagnostics: readonly Diagnostic[], cause: Error): OperatorError {
  const [first, ...others] = diagnostics.filter(({ severity }) => severity === 'error');
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return new OperatorError('edit-invalid', `nothing was written: ${first?.message ?? cause.message}${more}`, {
    ...(first?.hint === undefined ? {} : { hint: first.hint }),
    cause,
  });
}
