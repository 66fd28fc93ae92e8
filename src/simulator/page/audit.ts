import { html } from 'hono/html';
import { authorOf } from '../world/author.js';
import type { AuditEntry } from '../world/model.js';
import type { Html } from './html.js';
import { renderTab } from './tabs.js';
import { addressOf, type PageView } from './view.js';

/** How many audit log entries are shown. */
const ENTRIES = 40;

/** The newest entries of the environment, or of all. */
export function renderAudit(view: PageView): Html {
  const entries = newest(view);
  const name = view.world.projects.get(view.project)?.environments.get(view.environment)?.name;
  return html`<section id="audit" aria-labelledby="audit-title">
    <header>
      <h2 id="audit-title">Audit log</h2>
      <nav aria-label="Entries of the audit log">
        ${renderTab(addressOf({ ...view, wholeLog: false }), name ?? 'Here', !view.wholeLog)}
        ${renderTab(addressOf({ ...view, wholeLog: true }), 'Everywhere', view.wholeLog)}
      </nav>
    </header>
    ${
      entries.length === 0
        ? html`<p class="nothing">
            No changes yet. Run <code>flagops apply</code>, or change a target here.
          </p>`
        : html`<div class="scroll" role="region" aria-label="Audit log entries" tabindex="0">
            <ol>
              ${entries.map((entry) => renderEntry(entry))}
            </ol>
          </div>`
    }
  </section>`;
}

/** Newest first. An environment's entries include those of all environments of its project. */
function newest({ world, project, environment, wholeLog }: PageView): readonly AuditEntry[] {
  const found: AuditEntry[] = [];
  for (let index = world.audit.length - 1; index >= 0 && found.length < ENTRIES; index -= 1) {
    const entry = world.audit[index];
    if (!entry) continue;
    const isHere =
      entry.project === project && (entry.environment === undefined || entry.environment === environment);
    if (wholeLog || isHere) found.push(entry);
  }
  return found;
}

function renderEntry(entry: AuditEntry): Html {
  const date = new Date(entry.date);
  return html`<li>
    <p class="quiet">
      <time datetime="${date.toISOString()}">${date.toTimeString().slice(0, 8)}</time>
      <span class="author ${entry.tokenName === undefined ? 'person' : 'token'}">${authorOf(entry)}</span>
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
