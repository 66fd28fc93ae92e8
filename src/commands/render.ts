import type { ApplyReport } from '../apply/report.js';
import type { Plan } from '../reconcile/plan.js';
import { planJson } from '../report/plan-json.js';
import { planMarkdown } from '../report/plan-markdown.js';
import { planText } from '../report/plan-text.js';
import { resultJson } from '../report/result-json.js';
import { resultMarkdown } from '../report/result-markdown.js';
import { resultText } from '../report/result-text.js';
import type { Format, Io } from './io.js';

/** A plan in the format that was asked for, for standard output. */
export function renderPlan(plan: Plan, format: Format, io: Io): string {
  switch (format) {
    case 'text':
      return planText(plan, { color: io.color.stdout, now: io.now() });
    case 'json':
      return planJson(plan);
    case 'markdown':
      return planMarkdown(plan, io.now());
  }
}

/** What an apply came to, in the format that was asked for, for standard output. */
export function renderResult(report: ApplyReport, format: Format, io: Io): string {
  switch (format) {
    case 'text':
      return resultText(report, { color: io.color.stdout });
    case 'json':
      return resultJson(report);
    case 'markdown':
      return resultMarkdown(report, io.now());
  }
}
