import { removeOverrides } from '../../declare/edit/remove-overrides.js';
import type { FlagReader } from '../../launchdarkly/client.js';
import { compareScope } from '../../reconcile/compare.js';
import {
  overrideKey,
  type OverrideId,
  parseOverrideKey,
  type ScopeId,
  scopeKey,
} from '../../reconcile/state.js';
import { TIDY_REASONS, type TidyReason } from '../../reconcile/tidy-reasons.js';
import { type TidyObstacle, tidyScope, type TidyVerdict } from '../../reconcile/tidy.js';
import { SourceText } from '../../yaml/source.js';
import { openConnection } from '../connection.js';
import { readLive } from '../live.js';
import type { PlanningIo, PrepareOptions } from '../prepare.js';
import { type Declared, declare } from '../read-declarations.js';
import { coveredScopes, type ManagedScope, managedScopes } from '../scopes.js';
import { checkSelection, type ScopeSelection, selectScopes } from '../selection.js';
import { readText } from './file-text.js';
import { tidyMessage } from './message.js';
import {
  changedTexts,
  declareEdited,
  type EditedOverride,
  type EditedText,
  type PreparedEdit,
} from './prepared.js';

/** The options of `tidy`. */
export interface TidyRequest {
  readonly reasons: readonly TidyReason[];
  readonly token: string | undefined;
  readonly baseUrl: string | undefined;
  readonly config: string | undefined;
  readonly selection: ScopeSelection;
}

/** A declaration that is deleted, and why. */
export interface TidiedOverride extends EditedOverride {
  readonly reason: TidyReason;
}

/** A declaration that stays although there is a reason to delete it. */
export interface KeptOverride extends ScopeId, OverrideId {
  readonly reason: TidyReason;
  readonly obstacle: TidyObstacle;
}

/** An edit that deletes declarations, in a step for each reason. */
export interface PreparedTidy {
  readonly prepared: PreparedEdit;
  readonly steps: readonly { readonly files: readonly EditedText[]; readonly message: string }[];
  readonly overrides: readonly TidiedOverride[];
  readonly kept: readonly KeptOverride[];
}

/**
 * Deletes declarations in memory that have expired, have no effect, or are of archived flags. What it returns is valid.
 * LaunchDarkly is asked if there is a token; only expired declarations can be found without one. Only sends GET requests.
 * @throws OperatorError, DeclarationsInvalid
 */
export async function prepareTidy(
  request: TidyRequest,
  io: PlanningIo,
  { connect, onWait }: Pick<PrepareOptions<FlagReader>, 'connect' | 'onWait'>,
): Promise<PreparedTidy> {
  checkSelection(request.selection);
  const source = { cwd: io.cwd, config: request.config, allowEmpty: true, now: io.now(), signal: io.signal };
  const declared = await declare(source);
  const covered = coveredScopes(declared.desired, declared.config, []);
  const selected = managedScopes(selectScopes(covered, request.selection)).filter(
    ({ desired }) => desired.overrides.size > 0,
  );
  const needsToken = request.reasons.some((reason) => reason !== 'expired');
  const hasToken = request.token !== undefined && request.token.trim() !== '';
  const live =
    needsToken || hasToken
      ? await readScopes(declared, selected, request, io, { connect, onWait })
      : undefined;
  const reasons = new Set(request.reasons);
  const verdicts = new Map(
    selected.map(({ scope, desired, policy }) => [
      scopeKey(scope),
      tidyScope({ desired, reasons, policy, now: io.now(), live: live?.(scope, desired, policy) }),
    ]),
  );
  const { removed, kept } = decide(declared, verdicts);
  const { steps, files } = edits(declared, removed);
  const changed = changedTexts(files);
  await declareEdited(source, changed);
  return {
    prepared: { declared, files: changed, overrides: removed, notes: [], message: '' },
    steps,
    overrides: removed,
    kept,
  };
}

type LiveOf = (
  scope: ScopeId,
  desired: ManagedScope['desired'],
  policy: ManagedScope['policy'],
) => Parameters<typeof tidyScope>[0]['live'];

async function readScopes(
  declared: Declared,
  scopes: readonly ManagedScope[],
  request: TidyRequest,
  io: PlanningIo,
  { connect, onWait }: Pick<PrepareOptions<FlagReader>, 'connect' | 'onWait'>,
): Promise<LiveOf> {
  const { client } = openConnection(declared, request, connect, onWait, io.signal);
  const { live } = await readLive(
    client,
    scopes.map((managed) => ({ ...managed, onceDeclared: new Set<string>(), mayOwnAny: false })),
  );
  return (scope, desired, policy) => {
    const project = live.get(scope.project);
    if (project === undefined) throw new TypeError(`the project ${scope.project} was not read`);
    // What is wrong with other declarations, for example of archived flags, is for the plan to say.
    const comparison = compareScope(desired, project, policy, io.now(), declared.config.writes);
    return { project, comparison };
  };
}

/** A declaration is deleted if there is a reason in every environment of its file. */
function decide(
  { declarations }: Declared,
  verdicts: ReadonlyMap<string, ReadonlyMap<string, TidyVerdict>>,
): { readonly removed: readonly TidiedOverride[]; readonly kept: readonly KeptOverride[] } {
  const removed = new Map<string, TidiedOverride>();
  const kept = new Map<string, KeptOverride>();
  for (const { scopes, overrides, at } of declarations) {
    for (const { flag, kind, key } of overrides) {
      const id = overrideKey({ flag, kind, key });
      const found = scopes.map((scope) => verdicts.get(scopeKey(scope))?.get(id));
      const first = found.find((verdict) => verdict !== undefined);
      if (first === undefined) continue;
      const isAll = found.every((verdict) => verdict !== undefined);
      const obstacle = found.find((verdict) => verdict?.obstacle !== undefined)?.obstacle;
      for (const { project, environment } of scopes) {
        const override = { project, environment, flag, kind, key, reason: first.reason };
        const name = `${scopeKey(override)}\n${id}\n${at.file}`;
        if (isAll && obstacle === undefined) removed.set(name, { ...override, path: at.file });
        else kept.set(name, { ...override, obstacle: obstacle ?? 'other-scope' });
      }
    }
  }
  return { removed: [...removed.values()], kept: [...kept.values()] };
}

function edits(
  { workspace }: Declared,
  removed: readonly TidiedOverride[],
): Pick<PreparedTidy, 'steps'> & { readonly files: readonly EditedText[] } {
  const encoder = new TextEncoder();
  const files = new Map<string, EditedText>();
  const steps: { files: EditedText[]; message: string }[] = [];
  for (const reason of TIDY_REASONS) {
    const here = removed.filter((override) => override.reason === reason);
    const edited: EditedText[] = [];
    for (const path of [...new Set(here.map((override) => override.path))].toSorted()) {
      const { source, bytes, mark } = readText(workspace.root, path);
      const known = files.get(path)?.after ?? source.text;
      const ids = new Set(here.filter((override) => override.path === path).map(overrideKey));
      const after = removeOverrides(new SourceText(path, known), [...ids].map(parseOverrideKey));
      const text = {
        path,
        before: source.text,
        after,
        bytesBefore: bytes,
        bytes: encoder.encode(mark + after),
      };
      files.set(path, text);
      edited.push(text);
    }
    if (edited.length > 0) steps.push({ files: edited, message: tidyMessage(reason, here) });
  }
  return {
    steps,
    files: [...files.values()].toSorted((a, b) => Number(a.path > b.path) - Number(a.path < b.path)),
  };
}
