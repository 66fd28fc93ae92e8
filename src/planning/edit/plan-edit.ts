import { OperatorError } from '../../diagnostics/operator-error.js';
import type { FlagReader } from '../../launchdarkly/client.js';
import type { Plan } from '../../reconcile/plan.js';
import { overrideKey, parseOverrideKey } from '../../reconcile/state.js';
import { type PlanningIo, prepare, type PrepareOptions } from '../prepare.js';
import { DeclarationsContradicted } from '../compare-scopes.js';
import { DeclarationsInvalid } from '../read-declarations.js';
import { exactContext } from './context.js';
import { editedContents, invalidEdit, type PreparedEdit } from './prepared.js';

/** Contexts that a plan is filtered by; a plan of more is not filtered. */
const MOST_FILTERED = 50;

/** How to reach LaunchDarkly. */
export interface EditPlanOptions {
  readonly token: string | undefined;
  readonly baseUrl: string | undefined;
  readonly config: string | undefined;
  /** Whether not to fetch from the git remote. */
  readonly offline: boolean;
}

/** The plan of an edit, or why there is none. */
export type EditPlan =
  | { readonly type: 'plan'; readonly plan: Plan }
  | { readonly type: 'no-token' }
  /** LaunchDarkly or git could not be asked, or something else in the declarations is wrong. */
  | { readonly type: 'failed'; readonly why: string };

/**
 * Plans what an edit changes, before it is written. Only sends GET requests.
 * @throws OperatorError `edit-invalid` if LaunchDarkly contradicts an override that the edit declares, for example if the
 * flag does not exist. What is wrong with other overrides does not prevent an edit, which may be how it is fixed.
 */
export async function planEdit(
  { files, overrides }: PreparedEdit,
  options: EditPlanOptions,
  io: PlanningIo,
  { connect, onWait }: Pick<PrepareOptions<FlagReader>, 'connect' | 'onWait'>,
): Promise<EditPlan> {
  if (options.token === undefined || options.token.trim() === '') return { type: 'no-token' };
  const contexts = [...new Set(overrides.map(exactContext))];
  const isFiltered = contexts.length <= MOST_FILTERED;
  const ids = [...new Set(overrides.map(overrideKey))].map(parseOverrideKey);
  try {
    const { plan } = await prepare(
      {
        ...options,
        format: 'text',
        selection: {
          projects: [...new Set(overrides.map(({ project }) => project))],
          environments: [...new Set(overrides.map(({ environment }) => environment))],
        },
        filter: {
          flags: isFiltered ? [...new Set(ids.map(({ flag }) => flag))] : [],
          contexts: isFiltered ? contexts : [],
        },
        noRemovals: false,
        force: false,
        allowLoosened: false,
        allowRewind: false,
        allowEmpty: true,
      },
      io,
      { connect, onWait, fetching: 'if possible', instead: editedContents(files), anyName: true },
    );
    return { type: 'plan', plan };
  } catch (error) {
    if (io.signal.aborted) throw error;
    if (error instanceof OperatorError)
      return { type: 'failed', why: `${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}` };
    if (!(error instanceof DeclarationsInvalid)) throw error;
    const { diagnostics } = error.findings;
    const ours =
      error instanceof DeclarationsContradicted
        ? error.problemsWith(new Set(overrides.map(overrideKey)))
        : diagnostics;
    if (ours.length > 0) throw invalidEdit(ours, error);
    const [first] = diagnostics;
    const place =
      first === undefined ? '' : `${first.at.file}:${first.at.line}:${first.at.col} ${first.message}`;
    return { type: 'failed', why: place };
  }
}
