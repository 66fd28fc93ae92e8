import { createColors } from 'picocolors';
import type { OverrideId, ScopeId } from '../reconcile/state.js';
import { unifiedDiff } from '../text/diff.js';
import { jsonText, printable } from './escape.js';
import { wrap } from './wrap.js';

/** A declaration that was or will be edited. */
interface EditedFile {
  readonly path: string;
  /** Undefined for a new file. */
  readonly before: string | undefined;
  readonly after: string;
}

/** A commit that was made. */
export interface MadeCommit {
  readonly id: string;
  readonly subject: string;
  readonly files: readonly string[];
}

/** What a command that edits declarations did. */
export interface EditReport {
  readonly dryRun: boolean;
  readonly files: readonly EditedFile[];
  readonly overrides: readonly (ScopeId & OverrideId & { readonly path: string; readonly reason?: string })[];
  readonly notes: readonly string[];
  readonly commits: readonly MadeCommit[];
}

/** The differences of all files, as `git diff` shows them. */
export function diffText(files: readonly EditedFile[], color: boolean): string {
  const paint = createColors(color);
  let text = '';
  for (const { path, before, after } of files) {
    text += `${paint.bold(printable(`--- ${before === undefined ? '/dev/null' : path}`))}\n`;
    text += `${paint.bold(printable(`+++ ${path}`))}\n`;
    for (const line of unifiedDiff(before ?? '', after)
      .split('\n')
      .slice(0, -1)) {
      const shown = printable(line);
      const sign = line[0];
      text += `${sign === '+' ? paint.green(shown) : sign === '-' ? paint.red(shown) : sign === '@' ? paint.cyan(shown) : shown}\n`;
    }
  }
  return text;
}

/** Notes, one to a line, after an empty line. */
export function notesText(notes: readonly string[], columns: number | undefined): string {
  const lines = notes
    .map((note) => `note: ${wrap(printable(note).split(' '), { gap: ' ', indent: '  ', columns })}\n`)
    .join('');
  return lines === '' ? '' : `\n${lines}`;
}

/** A line for each file. */
export function writtenText(files: readonly EditedFile[]): string {
  return files
    .map(({ path, before }) => `${before === undefined ? 'created' : 'changed'}  ${printable(path)}\n`)
    .join('');
}

/** A line for each commit. */
export function commitsText(commits: readonly MadeCommit[]): string {
  return commits.map(({ id, subject }) => `committed ${id.slice(0, 7)} ${printable(subject)}\n`).join('');
}

/** The same as JSON, as `edit.schema.json` describes it. */
export function editJson({ dryRun, files, overrides, notes, commits }: EditReport): string {
  return jsonText({
    format: 'flagops-edit/1',
    dryRun,
    files: files.map(({ path, before, after }) => ({
      path,
      created: before === undefined,
      diff: unifiedDiff(before ?? '', after),
    })),
    overrides,
    notes,
    commits,
  });
}
