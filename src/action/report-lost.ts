import { type ApplyReport, exitCodeUnreported } from '../apply/report.js';
import type { ExitCode } from '../exit-codes.js';

/** The report of an apply could not be shown. Its exit code still says whether something may have been written. */
export class ReportLost extends Error {
  override readonly name = 'ReportLost';
  readonly exitCode: ExitCode;

  /** @param cause why it could not be shown */
  constructor(report: ApplyReport, cause: unknown) {
    super('the report could not be shown', { cause });
    this.exitCode = exitCodeUnreported(report);
  }
}
