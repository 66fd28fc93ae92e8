import { html } from 'hono/html';
import { flagElement, renderContext, SHOWN } from './flags.js';
import type { PageView } from './view.js';

/** Where contexts belong, and their markup. */
export type FoundContexts = readonly [flagElement: string, variation: number, kind: string, markup: string];

/**
 * The contexts with a key that contains one of the words, among those that the page does not show because their group has
 * too many. At most as many of each group as the page shows.
 * @param words in lower case
 */
export async function findContexts(
  view: PageView,
  words: readonly string[],
): Promise<readonly FoundContexts[]> {
  const found: FoundContexts[] = [];
  if (words.length === 0) return found;
  for (const flag of view.world.projects.get(view.project)?.flags.values() ?? []) {
    const config = flag.configs.get(view.environment);
    for (const { kind, variation, keys } of config?.targets.groups() ?? []) {
      if (!config || keys.size <= SHOWN) continue;
      const { shown, more } = matches(keys, words);
      if (shown.length === 0) continue;
      const rest = more === 0 ? '' : html`<span class="quiet">and ${more.toLocaleString('en')} more</span>`;
      const markup = html`${shown.map((key) => renderContext(kind, key, config.expiring))}${rest}`;
      found.push([flagElement(flag), variation, kind, String(await markup)]);
    }
  }
  return found;
}

function matches(
  keys: ReadonlySet<string>,
  words: readonly string[],
): { readonly shown: readonly string[]; readonly more: number } {
  const shown: string[] = [];
  let position = 0;
  let more = 0;
  for (const key of keys) {
    position += 1;
    if (position <= SHOWN) continue;
    const text = key.toLowerCase();
    if (!words.some((word) => text.includes(word))) continue;
    if (shown.length < SHOWN) shown.push(key);
    else more += 1;
  }
  return { shown, more };
}
