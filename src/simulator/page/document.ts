import { html, raw } from 'hono/html';
import { renderFlags } from './flags.js';
import type { Html } from './html.js';
import { renderTabs } from './tabs.js';
import { SCRIPT } from './script.js';
import { renderAudit, renderBudgets, renderSummary } from './panels.js';
import { STYLE } from './style.js';
import type { PageView } from './view.js';

/** The whole page. It loads nothing from other hosts. */
export function renderDocument(view: PageView, nonce: string): Html {
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
      <body>
        <header id="top">
          <div>
            <h1>Simulated LaunchDarkly</h1>
            <p id="live" role="status">connecting</p>
          </div>
          ${renderTabs(view)} ${renderSummary(view)}
        </header>
        <main>
          <div id="left">
            <label id="search"
              ><span>Find</span>
              <input
                type="search"
                placeholder="Find a flag or a context"
                autocomplete="off"
                spellcheck="false"
              />
            </label>
            ${renderFlags(view)}
            <p id="none" class="nothing" hidden>No flag matches.</p>
          </div>
          <aside>${renderAudit(view)} ${renderBudgets(view)} ${view.isTls ? TRUST : ''}</aside>
        </main>
        <script nonce="${nonce}">
          ${raw(SCRIPT)};
        </script>
      </body>
    </html>`;
}

/** How clients come to trust a certificate that the simulator made. */
const TRUST = html`<section id="trust" aria-label="Certificate">
  <h2>Certificate</h2>
  <p>
    Clients must trust <a href="/page/certificate.pem">this certificate</a>. Save it, and set
    <code>NODE_EXTRA_CA_CERTS</code> (Node.js) or <code>SSL_CERT_FILE</code> (Go on Linux) to the file.
  </p>
</section>`;
