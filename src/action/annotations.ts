import { posix } from 'node:path';
import type { Outcome } from '../apply/outcome.js';
import type { ApplyReport } from '../apply/report.js';
import type { Verification } from '../apply/verify.js';
import { compareDiagnostics, type Diagnostic } from '../diagnostics/diagnostic.js';
import type { Level, Log, Place } from '../github/log.js';
import { showOverride } from '../reconcile/show.js';
import type { PageContent } from '../report/page/page.js';
import { outcomeLines } from '../report/outcome-lines.js';
import { interruptedWords } from '../report/result-words.js';
import { plural } from '../text/plural.js';

/** What stands beside a line of a file, or on the page of the run. */
export interface Annotation {
  readonly level: Level;
  readonly message: string;
  readonly title?: string;
  readonly place?: Place;
}

/** As many of a level as GitHub shows of one step. */
const SHOWN = 10;

/** One annotation a diagnostic, in the order of the files. `folder`: where the repository is checked out. */
export function diagnosticAnnotations(diagnostics: readonly Diagnostic[], folder: string): Annotation[] {
  return diagnostics.toSorted(compareDiagnostics).map(({ severity, code, message, hint, at }) => ({
    level: severity,
    message: hint === undefined ? message : `${message} (${hint})`,
    title: `flagops: ${code}`,
    place: { ...at, file: posix.join(folder, at.file) },
  }));
}

export const errorAnnotation = (message: string): Annotation => ({ level: 'error', message });
const warningAnnotation = (message: string): Annotation => ({ level: 'warning', message });

/** What whoever opens the page of the run should see at once: every reason for which its exit code is not 0. */
export function contentAnnotations(content: PageContent): Annotation[] {
  switch (content.type) {
    case 'plan':
    case 'drift':
      return [
        ...content.plan.guards
          .filter(({ lifted }) => !lifted)
          .map(({ message }) => errorAnnotation(`refused: ${message}`)),
        ...content.plan.warnings.map(warningAnnotation),
      ];
    case 'applied': {
      const { outcomes, verification, plan, notices } = content.report;
      return [
        ...open(outcomes),
        ...(verification?.mismatches ?? []).map(({ change }) => errorAnnotation(`not live: ${showOverride(change)}`)),
        ...(content.report.interrupted ? interrupted(content.report) : unread(verification)),
        ...[...plan.warnings, ...notices].map(warningAnnotation),
      ];
    }
    case 'findings':
    case 'error':
      return [];
  }
}

function unread(verification: Verification | undefined): Annotation[] {
  return verification?.failure === undefined ? [] : [errorAnnotation(verification.failure)];
}

/** Changes that an interruption left say so themselves. */
function interrupted(report: ApplyReport): Annotation[] {
  const isSaid = report.outcomes.some(({ reason }) => reason === 'interrupted');
  return isSaid ? [] : [errorAnnotation(interruptedWords(report))];
}

/** Where a run ended before its end, one line for all that it left is enough. */
const LEFT: ReadonlySet<Outcome['reason']> = new Set(['interrupted', 'run-timeout', 'stopped']);

function open(outcomes: readonly Outcome[]): Annotation[] {
  const one = outcomeLines(outcomes.filter(({ reason }) => reason !== 'withheld' && !LEFT.has(reason))).map(
    ({ status, extent, scope, subject, message }) =>
      errorAnnotation(`${status}: ${extent === 'flag' ? `${subject} in ${scope}` : subject}: ${message}`),
  );
  const left = outcomes.filter(({ reason }) => LEFT.has(reason));
  if (left.length === 0) return one;
  return [...one, errorAnnotation(`${plural(left.length, 'change')} left: ${left[0]?.message ?? ''}`)];
}

/** Shows what GitHub would show of them; in the place of the rest stands how many there are. */
export function annotate(log: Log, annotations: readonly Annotation[]): void {
  for (const level of ['error', 'warning', 'notice'] as const) {
    const all = annotations.filter((annotation) => annotation.level === level);
    const shown = all.length > SHOWN ? all.slice(0, SHOWN - 1) : all;
    for (const { message, title = 'flagops', place } of shown) {
      log.annotate(level, message, { title, ...(place === undefined ? {} : { place }) });
    }
    const left = all.length - shown.length;
    if (left > 0) log.annotate(level, `and ${left} more: see the log and the summary`, { title: 'flagops' });
  }
}
