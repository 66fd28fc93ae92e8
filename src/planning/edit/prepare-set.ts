import { posix, relative, resolve, sep } from 'node:path';
import { fileKey } from '../../declare/edit/describe.js';
import { setOverride } from '../../declare/edit/set-override.js';
import type { WantedOverride } from '../../declare/edit/wanted.js';
import type { Declaration } from '../../declare/parse/parse.js';
import { OperatorError } from '../../diagnostics/operator-error.js';
import { showOverride } from '../../reconcile/show.js';
import { settingKey } from '../../reconcile/setting.js';
import {
  type DesiredOverride,
  overrideKey,
  type OverrideId,
  type ScopeId,
  scopeKey,
  type Setting,
} from '../../reconcile/state.js';
import type { PlanningIo } from '../prepare.js';
import { declare, type Declared } from '../read-declarations.js';
import type { ScopeSelection } from '../selection.js';
import { parseExpires, parseValue, parseVariation } from './arguments.js';
import { chooseFile, type ChosenFile } from './choose-file.js';
import { parseContext } from './context.js';
import { readText } from './file-text.js';
import { groupNotes } from './group-notes.js';
import { setMessage } from './message.js';
import { changedTexts, declareEdited, editText, type PreparedEdit } from './prepared.js';
import { editedScopes } from './scopes.js';

/** The options of `set`. */
export interface SetRequest {
  readonly context: string;
  readonly flag: string;
  /** JSON, or else text; undefined if `variation` is given. */
  readonly value: string | undefined;
  /** A variation's name or index. */
  readonly variation: string | undefined;
  readonly expires: string | undefined;
  /** An empty text removes it. */
  readonly reason: string | undefined;
  readonly file: string | undefined;
  readonly config: string | undefined;
  readonly selection: ScopeSelection;
}

/**
 * Finds the file in which an override belongs, and sets it there, in memory. What it returns is valid.
 * @throws OperatorError, DeclarationsInvalid
 */
export async function prepareSet(request: SetRequest, io: PlanningIo): Promise<PreparedEdit> {
  const id: OverrideId = { ...parseContext(request.context), flag: request.flag };
  const wanted = wantedBy(request, io.now());
  const source = {
    cwd: io.cwd,
    config: request.config,
    allowEmpty: true,
    now: io.now(),
    signal: io.signal,
  };
  const declared = await declare(source);
  const scopes = editedScopes(declared, request.selection);
  const choice = {
    declared,
    scopes,
    file: request.file === undefined ? undefined : pathFromRoot(declared, io.cwd, request.file),
    isSuitable: (declaration: Declaration) =>
      typeof wanted.keys?.['expires'] === 'string' || !hasDate(declared, declaration),
  };
  const chosen = new Map<string, ChosenFile>();
  for (const scope of scopes) {
    const file = chooseFile(choice, scope, id);
    const other = chosen.get(file.path);
    if (other?.create !== undefined && file.create !== undefined) throw sameNewFile(file.path);
    chosen.set(file.path, file);
  }
  const files = [...chosen.values()].map(({ path, create }) =>
    editText(declared, path, create, (text) => setOverride(text, id, wanted)),
  );
  const changed = changedTexts(files);
  const after = await declareEdited(source, changed);
  const results = scopes.map(({ scope }) => resultIn(after, scope, id));
  for (const result of results) refuseExpired(result, io.now());
  const [existing] = [...chosen.values()].flatMap((file) => file.existing ?? []);
  const ids = scopes.map(({ scope }) => scope);
  return {
    declared,
    files: changed.toSorted((a, b) => Number(a.path > b.path) - Number(a.path < b.path)),
    overrides: scopes.map(({ scope }, index) => ({
      ...scope,
      ...id,
      path: results[index]?.at.file ?? '',
    })),
    notes: [
      ...groupNotes(
        declared,
        [...chosen.values()].flatMap((file) => file.existing ?? []),
      ),
      ...kindNotes(declared, id),
      ...fileNotes(choice.file, chosen),
      ...ids.filter((scope) => !declared.desired.has(scopeKey(scope))).map(newScopeNote),
      ...inheritedNotes(results, wanted),
      ...warningNotes(declared, after),
    ],
    message: setMessage(id, ids, changeOf(existing, results, wanted)),
  };
}

/** Whether a file has a date of its own, which would count for a new override too. */
function hasDate({ workspace }: Declared, { at, overrides }: Declaration): boolean {
  // Then every override in it has a date, which is known without reading it again.
  if (overrides.some(({ expires }) => expires === undefined)) return false;
  return fileKey(readText(workspace.root, at.file).source, 'expires') !== undefined;
}

/** A path from the command line: relative to the working directory, or, as messages show it, to the root. */
function pathFromRoot({ workspace, globs }: Declared, cwd: string, file: string): string {
  const path = relative(workspace.root, resolve(cwd, file)).split(sep).join('/');
  return globs.matches(path) ? path : file;
}

function wantedBy({ value, variation, expires, reason }: SetRequest, now: number): WantedOverride {
  if ((value === undefined) === (variation === undefined)) {
    throw new OperatorError(
      'edit-argument',
      value === undefined ? 'there is no value' : 'there are a value and a --variation',
      { hint: 'pass a value, or --variation with a name or an index' },
    );
  }
  const setting = variation === undefined ? parseValue(value ?? '') : parseVariation(variation);
  const keys: Record<string, string | null> = {};
  if (expires !== undefined) keys['expires'] = parseExpires(expires, now);
  if (reason !== undefined) keys['reason'] = reason === '' ? null : reason;
  const key = Object.keys(keys).find((name) => keys[name] !== null);
  if (setting.type === 'none' && key !== undefined) {
    throw new OperatorError('edit-argument', `null, for no override, cannot have --${key}`, {
      hint: `leave it out, or set ${key} for the whole file`,
    });
  }
  return { setting, keys };
}

function resultIn({ desired }: Declared, scope: ScopeId, id: OverrideId): DesiredOverride {
  const result = desired.get(scopeKey(scope))?.overrides.get(overrideKey(id));
  if (result === undefined) throw new TypeError(`${showOverride(id)} is not declared after the edit`);
  return result;
}

/** An override whose date has passed would have no effect. */
function refuseExpired({ expires, at, ...id }: DesiredOverride, now: number): void {
  if (expires === undefined || expires.at > now) return;
  throw new OperatorError(
    'edit-expired',
    `${showOverride(id)} in ${at.file} would have expired already: ${expires.text}`,
    { hint: 'pass --expires with a later date, for example 7d' },
  );
}

function sameNewFile(path: string): OperatorError {
  return new OperatorError('edit-ambiguous', `${path} would be the new file of several scopes`, {
    hint: 'select one scope after the other with --environment',
  });
}

/** A kind that nothing else declares may be part of a user's key, which LaunchDarkly can only say if it is asked. */
function kindNotes({ declarations }: Declared, { kind, key }: OverrideId): string[] {
  const isKnown = declarations.some(({ overrides }) => overrides.some((override) => override.kind === kind));
  if (kind === 'user' || isKnown) return [];
  return [
    `nothing else declares contexts of the kind ${kind}; a user whose key is ${JSON.stringify(`${kind}:${key}`)} is written as ${JSON.stringify(`user:${kind}:${key}`)}`,
  ];
}

/** An override stays in the file that declares it, whatever `--file` says. */
function fileNotes(file: string | undefined, chosen: ReadonlyMap<string, ChosenFile>): string[] {
  return [...chosen].flatMap(([path, { existing }]) =>
    file === undefined || existing === undefined || path === posix.normalize(file)
      ? []
      : [`it is declared in ${path} already, so --file is not used`],
  );
}

function newScopeNote(scope: ScopeId): string {
  return `${scopeKey(scope)} is a new scope: nothing else declares for it`;
}

/** A date that the override has from its file, although none was asked for. */
function inheritedNotes(results: readonly DesiredOverride[], { keys }: WantedOverride): string[] {
  if (typeof keys?.['expires'] === 'string') return [];
  const notes = results.flatMap(({ expires, at }) =>
    expires === undefined
      ? []
      : [`it expires ${expires.text}, as declared at ${at.file}:${expires.line}:${expires.col}`],
  );
  return [...new Set(notes)];
}

/** What the edited declarations are warned about, and were not before. */
function warningNotes(before: Declared, after: Declared): string[] {
  const known = new Set(before.findings.diagnostics.map(({ at, message }) => `${at.file}\n${message}`));
  return after.findings.diagnostics
    .filter(({ at, message }) => !known.has(`${at.file}\n${message}`))
    .map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`));
}

function changeOf(
  existing: DesiredOverride | undefined,
  results: readonly DesiredOverride[],
  { keys, setting = existing?.setting }: WantedOverride,
): Parameters<typeof setMessage>[2] {
  const [result] = results;
  const after: Setting = setting ?? { type: 'none' };
  const expires = result?.expires?.text;
  const isSame = existing !== undefined && settingKey(existing.setting) === settingKey(after);
  return {
    before: existing?.setting,
    after,
    expires,
    reason: keys?.['reason'] ?? undefined,
    isExtended: isSame && (result?.expires?.at ?? 0) > (existing.expires?.at ?? Number.POSITIVE_INFINITY),
  };
}
