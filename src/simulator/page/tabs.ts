import { html, raw } from 'hono/html';
import type { Html } from './html.js';
import type { PageView } from './view.js';

/** A link to each environment. */
export function renderTabs(view: PageView): Html {
  const several = view.world.projects.size > 1;
  return html`<nav id="tabs" aria-label="Environments">
    ${[...view.world.projects.values()].flatMap((project) =>
      [...project.environments.values()].map(({ key, name }) => {
        const isHere = project.key === view.project && key === view.environment;
        const query = new URLSearchParams({ project: project.key, environment: key }).toString();
        return html`<a href="/?${query}" ${isHere ? raw('aria-current="page"') : ''}
          >${several ? `${project.name} · ` : ''}${name}</a
        >`;
      }),
    )}
  </nav>`;
}
