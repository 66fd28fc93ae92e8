import { html } from 'hono/html';
import type { Html } from './html.js';
import type { PageView } from './view.js';

export function renderSummary(view: PageView): Html {
  const project = view.world.projects.get(view.project);
  const flags = [...(project?.flags.values() ?? [])];
  const contexts = new Set<string>();
  let targets = 0;
  for (const flag of flags) {
    for (const { kind, keys } of flag.configs.get(view.environment)?.targets.groups() ?? []) {
      targets += keys.size;
      for (const key of keys) contexts.add(`${kind}\n${key}`);
    }
  }
  return html`<ul id="summary">
    ${tile(flags.length, 'flag', 'flags')} ${tile(targets, 'target', 'targets')}
    ${tile(contexts.size, 'context', 'contexts')}
  </ul>`;
}

function tile(count: number, one: string, many: string): Html {
  return html`<li><b>${count.toLocaleString('en')}</b> ${count === 1 ? one : many}</li>`;
}

export function renderBudgets(view: PageView): Html {
  return html`<section id="budgets" aria-labelledby="budgets-title">
    <h2 id="budgets-title">Rate limits</h2>
    ${view.budgets.length === 0 ? html`<p class="nothing">No request has counted yet.</p>` : ''}
    ${view.budgets.map(
      ({ name, limit, remaining, reset }) =>
        html`<div class="budget">
          <span class="route">${budgetName(name)}</span>
          <span class="left"
            >${remaining.toLocaleString('en')} of ${limit.toLocaleString('en')}
            left${
              remaining === 0 ? html`, next in ${Math.max(0, Math.ceil((reset - view.now) / 1000))} s` : ''
            }</span
          >
          <meter
            min="0"
            max="${limit}"
            low="${Math.ceil(limit / 4)}"
            high="${Math.ceil(limit / 2)}"
            optimum="${limit}"
            value="${remaining}"
            aria-label="${budgetName(name)}"
          ></meter>
        </div>`,
    )}
  </section>`;
}

/** The name of a budget to show: a route without the common prefix and without parameter names. */
function budgetName(name: string): string {
  return name
    .replace('route ', '')
    .replace(' /api/v2/', ' ')
    .replace(/\{\w+\}/g, '…')
    .replace(/^global$/, 'all requests');
}
