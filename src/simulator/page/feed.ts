import type { FlagChange } from '../world/world.js';
import { flagElement, renderFlag, renderFlags } from './flags.js';
import type { Html } from './html.js';
import { renderAudit, renderBudgets, renderSummary } from './panels.js';
import type { View } from './view.js';

/** How long changes are gathered before they are shown, milliseconds: one piece of markup for a burst of them. */
const GATHER = 80;

/** An element's id and its new markup. */
export type Piece = readonly [id: string, markup: string];

/** Gathers what happened to one view, and hands on the markup that has to be replaced. */
export class Feed {
  readonly #view: () => View;
  readonly #send: (pieces: readonly Piece[]) => void;
  readonly #flags = new Set<FlagChange['flag']>();
  #isWhole = false;
  #isChanged = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(view: () => View, send: (pieces: readonly Piece[]) => void) {
    this.#view = view;
    this.#send = send;
  }

  changed({ project, flag, entry }: FlagChange): void {
    this.#isChanged = true;
    if (project.key === this.#view().project) {
      const isNewOrGone = entry.actions.some((action) => action === 'createFlag' || action === 'deleteFlag');
      if (isNewOrGone) this.#isWhole = true;
      else this.#flags.add(flag);
    }
    this.#soon();
  }

  /** Everything has to be drawn again. */
  everything(): void {
    this.#isWhole = true;
    this.#isChanged = true;
    this.#soon();
  }

  /** A request was answered, so that the budgets are others. */
  asked(): void {
    this.#soon();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => void this.#flush(), GATHER);
  }

  async #flush(): Promise<void> {
    this.#timer = undefined;
    const view = this.#view();
    const pieces: [string, Html][] = [['budgets', renderBudgets(view)]];
    if (this.#isWhole) pieces.push(['flags', renderFlags(view)]);
    else for (const flag of this.#flags) pieces.push([flagElement(flag), renderFlag(view, flag)]);
    if (this.#isChanged) pieces.push(['summary', renderSummary(view)], ['audit', renderAudit(view)]);
    this.#flags.clear();
    this.#isWhole = false;
    this.#isChanged = false;
    this.#send(await Promise.all(pieces.map(async ([id, markup]) => [id, String(await markup)] as const)));
  }
}
