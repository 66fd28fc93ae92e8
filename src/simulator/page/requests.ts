import { html } from 'hono/html';
import type { RecordedRequest } from '../server/recording.js';
import type { Html } from './html.js';
import type { PageView } from './view.js';

/** How many requests are shown. */
const SHOWN = 30;

/** How many characters of a body are shown. */
const LONGEST = 2000;

/** The newest requests to the API and of SDKs, each with its headers and its body. */
export function renderRequests({ requests }: PageView): Html {
  const shown = requests.slice(-SHOWN).toReversed();
  return html`<section id="requests" aria-labelledby="requests-title">
    <header>
      <h2 id="requests-title">Requests</h2>
      <p class="quiet">${countOf(requests.length, shown.length)}</p>
    </header>
    ${
      shown.length === 0
        ? html`<p class="nothing">No requests yet.</p>`
        : html`<div class="scroll" role="region" aria-label="Newest requests" tabindex="0">
            <ol>
              ${shown.map((request) => renderRequest(request))}
            </ol>
          </div>`
    }
  </section>`;
}

function countOf(all: number, shown: number): string {
  return all === shown ? '' : `newest ${shown} of ${all.toLocaleString('en')}`;
}

function renderRequest({ at, method, path, status, headers, body }: RecordedRequest): Html {
  const date = new Date(at);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return html`<li>
    <details data-key="${at} ${method} ${path}">
      <summary>
        <time class="quiet" datetime="${date.toISOString()}">${date.toTimeString().slice(0, 8)}</time>
        <b>${method}</b> <span class="status ${kindOf(status)}">${status === 0 ? 'no answer' : status}</span>
        <span class="path">${path.replace(/^\/api\/v2(?=\/)/, '')}</span>
      </summary>
      <pre>
${method} ${path}
${lines.join('\n')}${body === undefined ? '' : `\n\n${bodyText(body)}`}</pre>
    </details>
  </li>`;
}

function kindOf(status: number): string {
  return status >= 200 && status < 400 ? 'good' : 'bad';
}

function bodyText(body: unknown): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body, null, 2);
  return text.length > LONGEST
    ? `${text.slice(0, LONGEST)}… (${text.length.toLocaleString('en')} characters)`
    : text;
}
