import { html, raw } from 'hono/html';
import { renderAudit } from './audit.js';
import { renderDialogs } from './dialogs.js';
import { renderFlags } from './flags.js';
import type { Html } from './html.js';
import { renderBudgets, renderSummary } from './panels.js';
import { renderRequests } from './requests.js';
import { EDIT_SCRIPT } from './script/edit.js';
import { LIVE_SCRIPT } from './script/live.js';
import { SEARCH_SCRIPT } from './script/search.js';
import { STYLE } from './style.js';
import { renderTabs } from './tabs.js';
import type { PageView } from './view.js';

/** What the document has in addition to what it shows. */
export interface DocumentParts {
  /** Of the Content-Security-Policy. */
  readonly nonce: string;
  /** The token with which the page makes changes. */
  readonly token: string;
  /** Of the state that it shows. */
  readonly revision: string;
}

/** The whole page. It loads nothing from other hosts. */
export function renderDocument(view: PageView, { nonce, token, revision }: DocumentParts): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${view.project}/${view.environment} · simulated LaunchDarkly</title>
        <link rel="icon" href="data:," />
        <style nonce="${nonce}">
          ${raw(STYLE)}
        </style>
      </head>
      <body
        data-token="${token}"
        data-revision="${revision}"
        data-project="${view.project}"
        data-environment="${view.environment}"
      >
        <header id="top">
          <div class="title">
            <h1>Simulated LaunchDarkly</h1>
            <p id="live" role="status">at ${new Date(view.now).toTimeString().slice(0, 8)}</p>
          </div>
          ${renderTabs(view)}
          <div id="counts">
            ${renderSummary(view)}
            <button type="button" id="open-reset" class="scripted" aria-haspopup="dialog">Reset</button>
          </div>
        </header>
        <nav id="sections" aria-label="On this page">
          <a href="#flags">Flags</a>
          <a href="#audit">Audit log</a>
          <a href="#requests">Requests</a>
        </nav>
        <noscript>
          <p class="notice">
            Without JavaScript this page can be read, and reloaded to see what has changed.
          </p>
        </noscript>
        <main>
          <div id="left">
            <div id="search" class="scripted" role="search">
              <input
                type="search"
                aria-label="Find flags and contexts"
                aria-describedby="found"
                placeholder="Find a flag or a context"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
              />
              <p id="found" role="status"></p>
            </div>
            ${renderFlags(view)}
          </div>
          <aside aria-label="What happened">
            ${renderAudit(view)} ${renderRequests(view)} ${renderBudgets(view)} ${view.isTls ? TRUST : ''}
          </aside>
        </main>
        ${renderDialogs(view)}
        <p id="said" role="status"></p>
        <script nonce="${nonce}">
          ${raw(`(() => {'use strict';${SEARCH_SCRIPT}${EDIT_SCRIPT}${LIVE_SCRIPT}})();`)};
        </script>
      </body>
    </html>`;
}

/** How clients come to trust a certificate that the simulator made. */
const TRUST = html`<section id="trust" aria-labelledby="trust-title">
  <h2 id="trust-title">Certificate</h2>
  <p>
    Clients must trust <a href="/page/certificate.pem">this certificate</a>. Save it, and set
    <code>NODE_EXTRA_CA_CERTS</code> (Node.js) or <code>SSL_CERT_FILE</code> (Go on Linux) to the file.
  </p>
</section>`;
