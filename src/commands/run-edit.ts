import { EXIT, type ExitCode } from '../exit-codes.js';
import { connect } from '../launchdarkly/connect.js';
import { type EditPlan, type EditPlanOptions, planEdit } from '../planning/edit/plan-edit.js';
import type { EditedOverride, PreparedEdit } from '../planning/edit/prepared.js';
import {
  commitsText,
  diffText,
  editJson,
  type EditReport,
  notesText,
  writtenText,
} from '../report/edit-text.js';
import { printableLines } from '../report/escape.js';
import type { Io } from '../terminal/io.js';
import { openProgress } from '../terminal/progress.js';
import { textOptions } from '../terminal/view.js';
import { type EditStep, writeEdits } from './finish-edit.js';

/** The options that all commands share that edit declarations. */
export interface EditOptions extends EditPlanOptions {
  readonly format: 'text' | 'json';
  readonly commit: boolean;
  readonly dryRun: boolean;
}

/** An edit as one or several commits, and what to say about it. */
export interface Edit {
  readonly prepared: PreparedEdit;
  readonly steps: readonly EditStep[];
  /** The overrides, with more about each of them than `prepared` has. */
  readonly overrides: readonly (EditedOverride & { readonly reason?: string })[];
  /** What to say if there is nothing to change. */
  readonly unchanged: string;
  /** What to say after the differences; nothing if they say enough. */
  readonly summary?: string;
  /** What to do once the edit is applied. */
  readonly afterwards?: string;
}

/**
 * Shows what an edit changes in the files and in LaunchDarkly, and writes it. Returns the exit code.
 * @throws OperatorError, among others `edit-invalid` if LaunchDarkly contradicts it; then nothing is written
 */
export async function runEdit(edit: Edit, options: EditOptions, io: Io): Promise<ExitCode> {
  const { prepared, steps } = edit;
  const { files, notes, declared } = prepared;
  const isJson = options.format === 'json';
  const report: EditReport = { dryRun: options.dryRun, files, notes, overrides: edit.overrides, commits: [] };
  if (files.length === 0) {
    io.stdout(isJson ? editJson(report) : `${edit.unchanged}\n${notesText(notes, io.columns.stdout)}`);
    return EXIT.done;
  }
  const planned = await planEdit(prepared, options, io, { connect, onWait: openProgress(io).wait });
  if (!isJson) {
    io.stdout(diffText(files, io.color.stdout));
    if (edit.summary !== undefined) io.stdout(`\n${printableLines(edit.summary)}`);
    io.stdout(notesText(notes, io.columns.stdout));
  }
  if (planned.type === 'plan' && !isJson) {
    // Without the next step of the plan: the edit has its own.
    const { planText } = await import('../report/plan-text.js');
    io.stdout(`\n${planText(planned.plan, textOptions(io, 'stdout'))}`);
  }
  const commits = options.dryRun ? [] : await writeEdits(declared, steps, options.commit);
  const done = { ...report, commits };
  if (isJson) io.stdout(editJson(done));
  else if (!options.dryRun) io.stdout(`\n${writtenText(files)}${commitsText(commits)}`);
  io.stderr(endText(planned, options));
  if (edit.afterwards !== undefined && !options.dryRun) io.stderr(`${edit.afterwards}\n`);
  return EXIT.done;
}

/** What to do next. */
function endText(planned: EditPlan, { commit, dryRun }: EditOptions): string {
  const plan = {
    plan: '',
    'no-token':
      'To see what this changes in LaunchDarkly, set LAUNCHDARKLY_ACCESS_TOKEN and run flagops plan.\n',
    failed: planned.type === 'failed' ? `warning: there is no plan: ${planned.why}\n` : '',
  }[planned.type];
  if (dryRun) return `${plan}Nothing was written, since --dry-run was given.\n`;
  return `${plan}Next: ${commit ? 'push the commit' : 'commit it'}, and open a pull request.\n`;
}
