import { html } from 'hono/html';
import type { ExpiringTargets } from '../world/expiring-targets.js';
import type { Flag, FlagConfig } from '../world/model.js';
import type { Html } from './html.js';
import { renderVariation } from './variation.js';
import type { PageView } from './view.js';

/** How many contexts of one group are shown. For the others only their number is shown. */
export const SHOWN = 60;

/** The id of a flag's element. */
export const flagElement = (flag: Flag): string => `flag-${flag.id}`;

export function renderFlags(view: PageView): Html {
  const project = view.world.projects.get(view.project);
  const flags = [...(project?.flags.values() ?? [])];
  return html`<section id="flags" aria-labelledby="flags-title">
    <h2 id="flags-title" class="unseen">Flags</h2>
    ${flags.length === 0 ? html`<p class="nothing">This project has no flags.</p>` : ''}
    ${flags.map((flag) => renderFlag(view, flag))}
  </section>`;
}

/** One flag in the view's environment, with its individual targets. */
export function renderFlag(view: PageView, flag: Flag): Html {
  const config = flag.configs.get(view.environment);
  if (!config) return html``;
  const groups = config.targets.groups();
  return html`<article id="${flagElement(flag)}" class="flag" data-flag="${flag.key}">
    <header>
      <div>
        <h3>${flag.key}</h3>
        ${badges(flag, config)}
        <p class="name">${flag.name.toLowerCase() === flag.key ? '' : flag.name}</p>
        ${flag.tags.map((tag) => html`<span class="tag">${tag}</span> `)}
      </div>
      <button type="button" class="add" aria-haspopup="dialog" aria-label="Add target to ${flag.key}">
        Add target
      </button>
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
    ${config.on || groups.length === 0 ? '' : html`<p class="default">Targets, not served while it is off:</p>`}
    ${
      groups.length === 0
        ? ''
        : html`<ul class="groups">
            ${flag.variations.map((_, index) => {
              const served = groups.filter((group) => group.variation === index);
              return served.length === 0
                ? ''
                : html`<li data-variation="${index}">
                    ${renderVariation(flag, index)}
                    <span class="contexts"
                      >${served.map(({ kind, keys }) => contexts(kind, keys, config.expiring))}</span
                    >
                  </li>`;
            })}
          </ul>`
    }
    <template>
      ${flag.variations.map(
        (_, index) =>
          html`<label class="choice"
            ><input type="radio" name="variation" value="${index}" required />
            ${renderVariation(flag, index)}</label
          >`,
      )}
    </template>
  </article>`;
}

function offVariation(flag: Flag, { offVariation: index }: FlagConfig): Html {
  return index === null ? html`<em>nothing</em>` : renderVariation(flag, index);
}

function fallthrough(flag: Flag, { fallthrough: serve }: FlagConfig): Html {
  if ('variation' in serve) return renderVariation(flag, serve.variation);
  return html`${serve.rollout.variations.map(
    ({ variation: index, weight }) => html`${renderVariation(flag, index)} ${weight / 1000}% `,
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
  return html`${shown.map((key) => renderContext(kind, key, expiring))}${
    more > 0
      ? html`<span class="more quiet">and ${more.toLocaleString('en')} more</span
          ><span class="beyond" data-kind="${kind}"></span>`
      : ''
  }`;
}

/** A context, which scripts make a button that changes or removes its target. */
export function renderContext(kind: string, key: string, expiring: ExpiringTargets): Html {
  return html`<button class="context" aria-haspopup="dialog" data-kind="${kind}" data-key="${key}">
    ${kind === 'user' ? '' : html`<b>${kind}</b>`}${key}${until(expiring.get(kind, key)?.date)}
  </button> `;
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
