import { NO_LINKS } from '../page/text.js';
import { renderPage, type PageContent } from '../page/page.js';
import type { Renderer, View } from './renderer.js';

/** The same page as in a pull request, but complete and without links. */
export const markdown: Renderer = {
  plan: (plan, view) => fullPage({ type: 'plan', plan }, view),
  drift: (plan, view) => fullPage({ type: 'drift', plan }, view),
  result: (report, view) => fullPage({ type: 'applied', report }, view),
};

function fullPage(content: PageContent, { configPath, unmanaged }: View): string {
  const limit = { size: Number.POSITIVE_INFINITY, in: 'characters' } as const;
  return renderPage(content, { limit, links: NO_LINKS, configPath, unmanaged });
}
