import { html } from 'hono/html';
import type { Html } from './html.js';
import type { PageView } from './view.js';

/** The dialogs in which changes are made. Scripts fill and open them. */
export function renderDialogs(view: PageView): Html {
  const kinds = view.world.projects.get(view.project)?.contextKinds ?? new Set<string>();
  return html`<dialog id="edit" aria-labelledby="edit-title">
      <form method="dialog" autocomplete="off">
        <h2 id="edit-title"></h2>
        <p class="quiet" id="edit-place"></p>
        <div class="fields">
          <label
            >Kind
            <select name="kind">
              ${[...kinds].map((kind) => html`<option>${kind}</option>`)}
            </select></label
          >
          <label>Key <input name="key" required spellcheck="false" autocapitalize="off" /></label>
        </div>
        <fieldset>
          <legend>Variation</legend>
          <div id="choices"></div>
        </fieldset>
        <label>Comment <input name="comment" placeholder="optional" /></label>
        <p class="quiet">In the audit log, this is a change that a member made by hand.</p>
        <p class="error" role="alert"></p>
        <div class="buttons">
          <button type="button" class="danger" id="remove">Remove target</button>
          <button type="button" class="cancel">Cancel</button>
          <button type="submit" class="primary">Save</button>
        </div>
      </form>
    </dialog>
    <dialog id="reset" aria-labelledby="reset-title">
      <form method="dialog">
        <h2 id="reset-title">Reset the simulator?</h2>
        <p>
          Projects, flags, targets, approval requests and the audit log go back to what they were when the
          simulator started. The log of requests stays.
        </p>
        <p class="error" role="alert"></p>
        <div class="buttons">
          <button type="button" class="cancel">Cancel</button>
          <button type="submit" class="danger">Reset</button>
        </div>
      </form>
    </dialog>`;
}
