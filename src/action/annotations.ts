import { posix } from 'node:path';
import { compareDiagnostics, type Diagnostic } from '../diagnostics/diagnostic.js';
import type { Level, Log, Place } from '../github/log.js';

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
export function annotationsOf(diagnostics: readonly Diagnostic[], folder: string): Annotation[] {
  return diagnostics.toSorted(compareDiagnostics).map(({ severity, code, message, hint, at }) => ({
    level: severity,
    message: hint === undefined ? message : `${message} (${hint})`,
    title: `flagops: ${code}`,
    place: { ...at, file: posix.join(folder, at.file) },
  }));
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
