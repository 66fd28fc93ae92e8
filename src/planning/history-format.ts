import { DEFAULT_CONFIG } from '../config/config.js';
import type { Workspace } from '../config/find.js';
import { declarationGlobs } from '../config/globs.js';
import { decodeParsed, encodeParsed } from '../declare/cache/encode.js';
import { rememberingParser } from '../declare/cache/remembered-config.js';
import type { Declaration } from '../declare/parse/parse.js';
import type { HistoryFormat } from '../history/walk/blob-cache.js';
import { addDate } from '../reconcile/date-key.js';
import { dateToSet } from '../reconcile/dates.js';
import { settingKey } from '../reconcile/setting.js';
import { type DeclaredSetting, type DeclaredState, overrideKey, scopeKey } from '../reconcile/state.js';
import { decode } from '../yaml/decode.js';
import { SourceText } from '../yaml/source.js';
import type { Declared } from './read-declarations.js';

/**
 * Defines how the walk through history parses the files of a commit.
 * @param declared the parsed files on disk and the cache of earlier runs: files with the same content are not parsed again
 */
export function historyFormat(
  workspace: Workspace,
  { byBlob, cache }: Pick<Declared, 'byBlob' | 'cache'>,
): HistoryFormat {
  const parseConfig = rememberingParser(cache);
  return {
    configPath: workspace.configPath,
    recall: (blob) => {
      const current = byBlob.get(blob);
      if (current !== undefined) return { declared: declaredBy(current) };
      const encoded = cache?.get(blob);
      const remembered = encoded === undefined ? undefined : decodeParsed(encoded, '');
      return remembered && { declared: remembered.declaration && declaredBy(remembered.declaration) };
    },
    declarations: async (bytes, path, blob) => {
      const decoded = decode(bytes);
      if (!decoded.ok) return undefined;
      const { parseDeclaration } = await import('../declare/parse/parse.js');
      const parsed = parseDeclaration(new SourceText(path, decoded.text));
      cache?.put(blob, encodeParsed(parsed));
      return parsed.declaration && declaredBy(parsed.declaration);
    },
    globs: async (config) => {
      // A commit without a configuration had the default globs, which are relative to the root.
      if (config === undefined) return declarationGlobs(DEFAULT_CONFIG.declarations, '.');
      const decoded = decode(config);
      if (!decoded.ok) return undefined;
      const parsed = await parseConfig(new SourceText(workspace.configPath, decoded.text));
      return parsed.config && declarationGlobs(parsed.config.declarations, workspace.folder);
    },
  };
}

/** What one file declares by scope and override; undefined if the file contradicts itself. */
function declaredBy(declaration: Declaration): DeclaredState | undefined {
  const settings = new Map<string, DeclaredSetting>();
  const dates = new Map<string, number>();
  const hasDates = declaration.overrides.some(({ expires }) => expires !== undefined);
  for (const override of declaration.overrides) {
    const key = overrideKey(override);
    const other = settings.get(key);
    const { setting, manage } = override;
    if (other !== undefined && (settingKey(other) !== settingKey(setting) || other.manage !== manage))
      return undefined;
    // Nearly all settings have none, and they are shared.
    settings.set(key, manage === undefined ? setting : { ...setting, manage });
    if (!hasDates) continue;
    // As when declarations are combined: of two equal ones, the one that expires later counts.
    const date = Math.max(dateToSet(override) ?? Infinity, dates.get(key) ?? -Infinity);
    dates.set(key, date);
    addDate(settings, override, Number.isFinite(date) ? date : undefined);
  }
  return new Map(declaration.scopes.map((scope) => [scopeKey(scope), settings]));
}
