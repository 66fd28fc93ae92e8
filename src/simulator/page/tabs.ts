import { html, raw } from 'hono/html';
import type { Html } from './html.js';
import { addressOf, type PageView } from './view.js';

/** A link to each environment. */
export function renderTabs(view: PageView): Html {
  const several = view.world.projects.size > 1;
  return html`<nav id="tabs" aria-label="Environments">
    ${[...view.world.projects.values()].flatMap((project) =>
      [...project.environments.values()].map(({ key, name }) =>
        renderTab(
          addressOf({ project: project.key, environment: key, wholeLog: view.wholeLog }),
          `${several ? `${project.name} · ` : ''}${name}`,
          project.key === view.project && key === view.environment,
        ),
      ),
    )}
  </nav>`;
}

/** One of several links, of which one is the current one. */
export function renderTab(address: string, name: string, isCurrent: boolean): Html {
  return html`<a href="${address}" ${isCurrent ? raw('aria-current="page"') : ''}>${name}</a>`;
}
