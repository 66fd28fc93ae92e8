import { html } from 'hono/html';
import type { Json } from '../../json/json.js';
import type { ExpiringTargets } from '../world/expiring-targets.js';
import type { Flag, FlagConfig } from '../world/model.js';
import type { Html } from './html.js';
import type { PageView } from './view.js';

/** How many contexts of one group are shown. For the others only their number is shown. */
const SHOWN = 60;

/** The id of a flag's element. */
export const flagElement = (flag: Flag): string => `flag-${flag.id}`;

export function renderFlags(view: PageView): Html {
  const project = view.world.projects.get(view.project);
  const flags = [...(project?.flags.values() ?? [])];
  return html`<section id="flags" aria-label="Flags">
    ${flags.length === 0 ? html`<p class="nothing">This project has no flags.</p>` : ''}
    ${flags.map((flag) => renderFlag(view, flag))}
  </section>`;
}

/** One flag in the view's environment, with its individual targets. */
export function renderFlag(view: PageView, flag: Flag): Html {
  const config = flag.configs.get(view.environment);
  if (!config) return html``;
  const groups = config.targets.groups();
  return html`<article id="${flagElement(flag)}" class="flag" data-text="${searchText(flag, config)}">
    <header>
      <h3>${flag.key}</h3>
      ${badges(flag, config)}
      <p class="name">${flag.name.toLowerCase() === flag.key ? '' : flag.name}</p>
    </header>
    <p class="default">
      ${config.on ? 'Everyone else' : 'Everyone, while it is off'}:
      ${config.on ? fallthrough(flag, config) : offVariation(flag, config)}
      ${
        config.prerequisites.length === 0
          ? ''
          : html`<span class="quiet">needs ${config.prerequisites.map(({ key }) => key).join(', ')}</span>`
      }
    </p>
    ${rules(config)}
    ${
      groups.length === 0
        ? ''
        : html`<ul class="groups ${config.on ? '' : 'idle'}">
            ${flag.variations.map((_, index) => {
              const served = groups.filter((group) => group.variation === index);
              return served.length === 0
                ? ''
                : html`<li>
                    ${variation(flag, index)}
                    <span class="contexts"
                      >${served.map(({ kind, keys }) => contexts(kind, keys, config.expiring))}</span
                    >
                  </li>`;
            })}
          </ul>`
    }
  </article>`;
}

function offVariation(flag: Flag, { offVariation: index }: FlagConfig): Html {
  return index === null ? html`<em>nothing</em>` : variation(flag, index);
}

function fallthrough(flag: Flag, { fallthrough: serve }: FlagConfig): Html {
  if ('variation' in serve) return variation(flag, serve.variation);
  return html`${serve.rollout.variations.map(
    ({ variation: index, weight }) => html`${variation(flag, index)} ${weight / 1000}% `,
  )}`;
}

function rules({ rules: all }: FlagConfig): Html | string {
  const count = all.filter(({ disabled }) => !disabled).length;
  if (count === 0) return '';
  return html`<p class="default quiet">
    ${count} ${count === 1 ? 'rule' : 'rules'}, stored but not evaluated by the simulator
  </p>`;
}

function contexts(kind: string, keys: ReadonlySet<string>, expiring: ExpiringTargets): Html {
  const shown = [...keys].slice(0, SHOWN);
  const more = keys.size - shown.length;
  return html`${shown.map(
    (key) =>
      html`<span class="context"
        >${kind === 'user' ? '' : html`<b>${kind}</b>`}${key}${until(expiring.get(kind, key)?.date)}</span
      > `,
  )}${more > 0 ? html`<span class="quiet">and ${more.toLocaleString('en')} more</span>` : ''}`;
}

function until(date: number | undefined): Html | string {
  if (date === undefined) return '';
  const text = new Date(date).toISOString();
  return html` <time class="quiet" datetime="${text}" title="${text}">until ${text.slice(0, 10)}</time>`;
}

function badges(flag: Flag, config: FlagConfig): Html {
  const words = [
    flag.state === 'live' ? undefined : flag.state,
    config.on ? undefined : 'off',
    flag.temporary ? 'temporary' : undefined,
  ];
  return html`${words.map((word) =>
    word === undefined ? '' : html`<span class="badge ${word}">${word}</span>`,
  )}`;
}

function variation(flag: Flag, index: number): Html {
  const found = flag.variations[index];
  const value = short(found?.value ?? null);
  // The colour depends on the index, so that a variation keeps its colour.
  return html`<span class="variation v${index % 6}" title="${value}"
    >${found?.name === undefined ? '' : html`<b>${found.name}</b>`}<code>${value}</code></span
  >`;
}

function short(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 48 ? `${text.slice(0, 47)}…` : text;
}

function searchText(flag: Flag, config: FlagConfig): string {
  const keys = config.targets.groups().flatMap((group) => [...group.keys].slice(0, SHOWN));
  return [flag.key, flag.name, ...flag.tags, ...keys].join(' ').toLowerCase();
}
