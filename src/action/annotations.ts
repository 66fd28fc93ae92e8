import { posix } from 'node:path';
import type { DateOutcome, Outcome } from '../apply/outcome.js';
import type { ApplyReport } from '../apply/report.js';
import type { Verification } from '../apply/verify.js';
import { compareDiagnostics, type Diagnostic } from '../diagnostics/diagnostic.js';
import type { Level, Log, Place } from '../github/log.js';
import type { Plan } from '../reconcile/plan.js';
import { showOverride } from '../reconcile/show.js';
import type { PageContent } from '../report/page/page.js';
import { outcomeLines } from '../report/outcome-lines.js';
import { interruptedWords } from '../report/result-words.js';
import { looseningWords } from '../report/words.js';
import { plural } from '../text/plural.js';

/** A message shown next to a line of a file, or on the page of the run. */
export interface Annotation {
  readonly level: Level;
  readonly message: string;
  readonly title?: string;
  readonly place?: Place;
}

/** GitHub shows this many annotations of each level for one step. */
const MAX_ANNOTATIONS = 10;

export const errorAnnotation = (message: string): Annotation => ({ level: 'error', message });
export const warningAnnotation = (message: string): Annotation => ({ level: 'warning', message });

/**
 * One annotation for each diagnostic, in the order of the files.
 * @param folder the repository's path, relative to the runner's workspace
 */
export function diagnosticAnnotations(diagnostics: readonly Diagnostic[], folder: string): Annotation[] {
  return diagnostics.toSorted(compareDiagnostics).map(({ severity, code, message, hint, at }) => ({
    level: severity,
    message: hint === undefined ? message : `${message} (${hint})`,
    title: `flagops: ${code}`,
    place: { ...at, file: posix.join(folder, at.file) },
  }));
}

/** Every reason why the exit code is not 0, and all warnings. */
export function contentAnnotations(content: PageContent): Annotation[] {
  switch (content.type) {
    case 'plan':
    case 'drift':
      return [
        ...content.plan.guards
          .filter(({ lifted }) => !lifted)
          .map(({ message }) => errorAnnotation(`refused: ${message}`)),
        ...looseningAnnotations(content.plan),
        ...content.plan.warnings.map(warningAnnotation),
      ];
    case 'applied':
      return reportAnnotations(content.report);
    case 'findings':
    case 'error':
      return [];
  }
}

function reportAnnotations(report: ApplyReport): Annotation[] {
  const { outcomes, dates, verification, plan, unrecorded, notices, interrupted } = report;
  return [
    ...outcomeAnnotations(outcomes, dates),
    ...(verification?.mismatches ?? []).map(({ change }) =>
      errorAnnotation(`not live: ${showOverride(change)}`),
    ),
    ...unrecorded.map((line) => errorAnnotation(`not recorded: ${line}`)),
    ...(verification?.dateMismatches ?? []).map(({ change }) =>
      errorAnnotation(`not live: the date of ${showOverride(change)}`),
    ),
    ...(interrupted ? interruptionAnnotations(report) : verificationAnnotations(verification)),
    ...looseningAnnotations(plan),
    ...[...plan.warnings, ...notices].map(warningAnnotation),
  ];
}

function looseningAnnotations({ loosened, scopes }: Plan): Annotation[] {
  return loosened.map((loosening) => warningAnnotation(`loosened: ${looseningWords(loosening, scopes)}`));
}

function verificationAnnotations(verification: Verification | undefined): Annotation[] {
  const failure = verification?.failure;
  return failure?.type === 'unreadable' ? [errorAnnotation(failure.message)] : [];
}

/** Empty if another annotation already reports the changes that the interruption left. */
function interruptionAnnotations(report: ApplyReport): Annotation[] {
  const isReported = [...report.outcomes, ...report.dates].some(({ reason }) => reason === 'interrupted');
  return isReported ? [] : [errorAnnotation(interruptedWords(report))];
}

/** Reasons for changes that were left because the run ended early. All of these changes share one annotation. */
const ENDED_EARLY: ReadonlySet<Outcome['reason']> = new Set(['interrupted', 'run-timeout', 'stopped']);

/** Whether an annotation is about this change, and not about all changes that were left. */
function hasOwnReason({ reason }: Pick<Outcome, 'reason'>): boolean {
  return reason !== 'withheld' && reason !== 'not-checked' && !ENDED_EARLY.has(reason);
}

function outcomeAnnotations(outcomes: readonly Outcome[], dates: readonly DateOutcome[]): Annotation[] {
  const left = [...outcomes, ...dates].filter(({ reason }) => ENDED_EARLY.has(reason));
  const annotations = outcomeLines(outcomes.filter(hasOwnReason), dates.filter(hasOwnReason)).map(
    ({ status, extent, scope, subject, message }) =>
      errorAnnotation(`${status}: ${extent === 'flag' ? `${subject} in ${scope}` : subject}: ${message}`),
  );
  if (left.length === 0) return annotations;
  return [
    ...annotations,
    errorAnnotation(`${plural(left.length, 'change')} left: ${left[0]?.message ?? ''}`),
  ];
}

/** Writes annotations to the log: up to GitHub's limit, and then the number of the others. */
export function annotate(log: Log, annotations: readonly Annotation[]): void {
  for (const level of ['error', 'warning', 'notice'] as const) {
    const all = annotations.filter((annotation) => annotation.level === level);
    const shown = all.length > MAX_ANNOTATIONS ? all.slice(0, MAX_ANNOTATIONS - 1) : all;
    for (const { message, title = 'flagops', place } of shown) {
      log.annotate(level, message, { title, ...(place === undefined ? {} : { place }) });
    }
    const left = all.length - shown.length;
    if (left > 0) log.annotate(level, `and ${left} more: see the log and the summary`, { title: 'flagops' });
  }
}
