import { renderAudit } from './audit.js';
import type { WorldChange } from '../world/change.js';
import { flagElement, renderFlag, renderFlags } from './flags.js';
import type { Flag } from '../world/model.js';
import type { Html } from './html.js';
import { renderBudgets, renderSummary } from './panels.js';
import { renderRequests } from './requests.js';
import { renderTabs } from './tabs.js';
import type { PageView } from './view.js';

/** Milliseconds for which changes are collected, so that a burst of them is sent as one update. */
const COLLECT = 80;

/** An element's id and its new markup. */
export type Piece = readonly [id: string, markup: string];

/** Collects changes that concern one view, and sends the markup that has to be replaced. */
export class Feed {
  readonly #view: () => PageView;
  readonly #send: (pieces: readonly Piece[]) => void;
  readonly #flags = new Set<Flag>();
  /** Whether the tabs and the list of flags must be drawn again, rather than only the flags that changed. */
  #allFlags = false;
  #hasChanges = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(view: () => PageView, send: (pieces: readonly Piece[]) => void) {
    this.#view = view;
    this.#send = send;
  }

  changed({ project, flag, entry }: WorldChange): void {
    this.#hasChanges = true;
    // Another project can have come, gone or changed its name, which the tabs show.
    if (!flag) this.#allFlags = true;
    else if (project.key === this.#view().project) {
      const isNewOrGone = entry.actions.some((action) => action === 'createFlag' || action === 'deleteFlag');
      if (isNewOrGone) this.#allFlags = true;
      else this.#flags.add(flag);
    }
    this.#soon();
  }

  /** Draws everything again. */
  everything(): void {
    this.#allFlags = true;
    this.#hasChanges = true;
    this.#soon();
  }

  /** A request was answered, so the log of requests and the budgets have changed. */
  answered(): void {
    this.#soon();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => void this.#flush(), COLLECT);
  }

  async #flush(): Promise<void> {
    this.#timer = undefined;
    const view = this.#view();
    const pieces: [string, Html][] = [
      ['budgets', renderBudgets(view)],
      ['requests', renderRequests(view)],
    ];
    if (this.#allFlags) pieces.push(['tabs', renderTabs(view)], ['flags', renderFlags(view)]);
    else for (const flag of this.#flags) pieces.push([flagElement(flag), renderFlag(view, flag)]);
    if (this.#hasChanges) pieces.push(['summary', renderSummary(view)], ['audit', renderAudit(view)]);
    this.#flags.clear();
    this.#allFlags = false;
    this.#hasChanges = false;
    this.#send(await Promise.all(pieces.map(async ([id, markup]) => [id, String(await markup)] as const)));
  }
}
