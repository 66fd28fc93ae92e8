import { setOverride } from '../../declare/edit/set-override.js';
import { OperatorError } from '../../diagnostics/operator-error.js';
import { type ManageMode, manageRules } from '../../reconcile/manage.js';
import type { ScopePolicy } from '../../reconcile/policy.js';
import { pruneRules } from '../../reconcile/prune.js';
import { type DesiredOverride, overrideKey, scopeKey } from '../../reconcile/state.js';
import { SourceText } from '../../yaml/source.js';
import type { PlanningIo } from '../prepare.js';
import { declare, type Declared } from '../read-declarations.js';
import type { ManagedScope } from '../scopes.js';
import { type DeclaredRequest, findDeclared, type FoundDeclared } from './find-declared.js';
import { groupNotes } from './group-notes.js';
import { contextWords, releaseMessage } from './message.js';
import { changedTexts, declareEdited, type EditedOverride, editText, type PreparedEdit } from './prepared.js';

/** The options of `release`. */
export interface ReleaseRequest extends DeclaredRequest {
  readonly config: string | undefined;
}

/**
 * Declares, in memory, that the overrides of a context stay once their declaration is deleted. What it returns is valid.
 * @throws OperatorError, among others `release-pruned` and `release-null`; DeclarationsInvalid
 */
export async function prepareRelease(request: ReleaseRequest, io: PlanningIo): Promise<PreparedEdit> {
  const source = { cwd: io.cwd, config: request.config, allowEmpty: true, now: io.now(), signal: io.signal };
  const declared = await declare(source);
  const found = findDeclared(declared, request);
  for (const scope of found.scopes) refusePruned(scope);
  const wanted = wantedModes(found);
  const files = [...wanted].map(([path, overrides]) =>
    editText(declared, path, undefined, (text) =>
      [...overrides.values()].reduce(
        (edited, { wanted: manage, ...id }) =>
          setOverride(new SourceText(path, edited), id, { keys: { manage } }),
        text.text,
      ),
    ),
  );
  const changed = changedTexts(files);
  await declareEdited(source, changed);
  return {
    declared,
    files: changed,
    overrides: overridesOf(found),
    notes: notesOf(
      declared,
      found,
      [...wanted.values()].flatMap((ofFile) => [...ofFile.values()]),
    ),
    message: releaseMessage(
      found.context,
      flagsOf(found),
      found.scopes.map(({ scope }) => scope),
    ),
  };
}

/** An override that is to be released. */
interface Released extends DesiredOverride {
  readonly wanted: ManageMode;
  /** Whether LaunchDarkly may have its date, which is left alone and would still remove the override. */
  readonly isDated: boolean;
}

/** The overrides to release, by file and `overrideKey`. */
function wantedModes({ files }: FoundDeclared): ReadonlyMap<string, ReadonlyMap<string, Released>> {
  const wanted = new Map<string, Map<string, Released>>();
  for (const path of new Set(files.map((file) => file.path))) {
    const ofFile = new Map<string, Released>();
    wanted.set(path, ofFile);
    // One file can declare an override for several scopes.
    const policies = files.filter((file) => file.path === path).map(({ scope }) => scope.policy);
    for (const override of files.find((file) => file.path === path)?.overrides ?? []) {
      const mode = releasedMode(override, policies);
      const isDated = mode === 'none' && policies.some(({ expiry }) => expiry === 'launchdarkly');
      if (mode !== undefined) ofFile.set(overrideKey(override), { ...override, wanted: mode, isDated });
    }
  }
  return wanted;
}

/** The released overrides; `null` is none. */
function overridesOf({ files }: FoundDeclared): readonly EditedOverride[] {
  const overrides = files.flatMap(({ scope: { scope }, path, overrides: here }) =>
    here
      .filter(({ setting }) => setting.type !== 'none')
      .map(({ flag, kind, key }): EditedOverride => ({ ...scope, flag, kind, key, path })),
  );
  const [first] = files;
  const [only] = first?.overrides ?? [];
  if (overrides.length > 0 || first === undefined || only === undefined) return overrides;
  throw new OperatorError(
    'release-null',
    `${only.flag} is null for ${contextWords(only)} at ${first.path}:${only.at.line}:${only.at.col}: there is no override to release`,
    { hint: 'delete the declaration with flagops unset' },
  );
}

/**
 * What `manage` has to be for an override to stay in each of its scopes; undefined if it stays already. It is `none` if
 * one of them leaves other values alone, which `keep` would change.
 */
function releasedMode(
  { setting, manage }: DesiredOverride,
  policies: readonly ScopePolicy[],
): ManageMode | undefined {
  const rules = policies.map((policy) => manageRules(manage ?? policy.manage));
  if (setting.type === 'none' || rules.every(({ removes }) => removes === 'none')) return undefined;
  return rules.every(({ updates }) => updates) ? 'keep' : 'none';
}

/** Refuses scopes in which an override would be removed because it is not declared. */
function refusePruned({ scope, policy }: ManagedScope): void {
  if (!pruneRules(policy.prune).removesOthers({ contextDeclared: true })) return;
  throw new OperatorError(
    'release-pruned',
    `prune: ${policy.prune} in ${scopeKey(scope)} removes overrides that are not declared, no matter who set them`,
    { hint: 'keep the declaration with manage: none, or change prune to owned' },
  );
}

function flagsOf({ files }: FoundDeclared): readonly string[] {
  return [...new Set(files.flatMap(({ overrides }) => overrides.map(({ flag }) => flag)))];
}

function notesOf(declared: Declared, found: FoundDeclared, released: readonly Released[]): readonly string[] {
  const notes = new Set(groupNotes(declared, released));
  for (const { expires, flag, at, isDated } of released) {
    const effect = isDated
      ? 'still removes it if LaunchDarkly has that date: remove it there'
      : 'no longer removes it';
    if (expires !== undefined)
      notes.add(
        `the date of ${flag} at ${at.file}:${expires.line}:${expires.col}, ${expires.text}, ${effect}`,
      );
  }
  const nulls = found.files.flatMap(({ overrides }) =>
    overrides.filter(({ setting }) => setting.type === 'none'),
  );
  for (const { flag } of nulls) notes.add(`${flag} is null: there is no override to release`);
  return [...notes];
}
