import { html } from 'hono/html';
import { authorOf } from '../world/author.js';
import type { AuditEntry } from '../world/model.js';
import type { Html } from './html.js';
import type { PageView } from './view.js';

/** How many audit log entries are shown. */
const ENTRIES = 40;

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
    ${tile(flags.length, 'flag', 'flags')} ${tile(targets, 'individual target', 'individual targets')}
    ${tile(contexts.size, 'context', 'contexts')}
  </ul>`;
}

function tile(count: number, one: string, many: string): Html {
  return html`<li><b>${count.toLocaleString('en')}</b> ${count === 1 ? one : many}</li>`;
}

export function renderBudgets(view: PageView): Html {
  return html`<section id="budgets" aria-label="Rate limits">
    <h2>Rate limits</h2>
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
            aria-label="${name}"
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

export function renderAudit(view: PageView): Html {
  const entries = view.world.audit.slice(-ENTRIES).toReversed();
  return html`<section id="audit" aria-label="Audit log">
    <h2>Audit log</h2>
    ${
      entries.length === 0
        ? html`<p class="nothing">No changes yet. Run <code>flagops apply</code>.</p>`
        : html`<ol>
            ${entries.map((entry) => renderEntry(entry))}
          </ol>`
    }
  </section>`;
}

function renderEntry(entry: AuditEntry): Html {
  const date = new Date(entry.date);
  return html`<li>
    <p class="quiet">
      <time datetime="${date.toISOString()}">${date.toTimeString().slice(0, 8)}</time> ${authorOf(entry)}
    </p>
    <p><b>${entry.flag ?? entry.name}</b> <span class="quiet">${placeOf(entry)}</span></p>
    <p>${entry.description}</p>
    ${
      entry.comment === undefined || entry.comment === ''
        ? ''
        : html`<blockquote>${entry.comment}</blockquote>`
    }
  </li>`;
}

function placeOf({ flag, environment }: AuditEntry): string {
  if (flag !== undefined) return environment ?? 'all environments';
  return environment === undefined ? 'project' : 'environment';
}
