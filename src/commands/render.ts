import type { ApplyReport } from '../apply/report.js';
import type { Plan } from '../reconcile/plan.js';
import { NO_LINKS } from '../report/comment-text.js';
import { page, type Told } from '../report/comment.js';
import { planJson } from '../report/plan-json.js';
import { planText, type TextOptions } from '../report/plan-text.js';
import { resultJson } from '../report/result-json.js';
import { resultText } from '../report/result-text.js';
import type { Declared } from './declare.js';
import type { Format, Io } from './io.js';

/** A plan in the format that was asked for, for standard output. */
export function renderPlan(plan: Plan, declared: Declared, format: Format, io: Io): string {
  switch (format) {
    case 'text':
      return planText(plan, textOptions(io, 'stdout'));
    case 'json':
      return planJson(plan);
    case 'markdown':
      return renderPage({ type: 'plan', plan }, declared, io);
  }
}

/** What an apply came to, in the format that was asked for, for standard output. */
export function renderResult(report: ApplyReport, declared: Declared, format: Format, io: Io): string {
  switch (format) {
    case 'text':
      return resultText(report, { color: io.color.stdout });
    case 'json':
      return resultJson(report);
    case 'markdown':
      return renderPage({ type: 'applied', report }, declared, io);
  }
}

/** The Markdown that a pull request would get, whole and without links. */
export function renderPage(told: Told, { workspace }: Declared, io: Io): string {
  const limit = { size: Number.POSITIVE_INFINITY, in: 'characters' } as const;
  return page(told, { limit, links: NO_LINKS, now: io.now(), configPath: workspace.configPath });
}

/** How a stream shows text. */
export function textOptions(io: Io, stream: 'stdout' | 'stderr'): TextOptions {
  return { color: io.color[stream], columns: io.columns[stream], now: io.now() };
}
