import type { Config } from '../config/config.js';
import { DEFAULT_CONFIG } from '../config/config.js';
import type { Workspace } from '../config/find.js';
import { declarationGlobs } from '../config/globs.js';
import { parseConfig } from '../config/parse.js';
import { type Declaration, parseDeclaration } from '../declare/parse.js';
import type { HistoryFormat } from '../history/format.js';
import { settingKey } from '../reconcile/setting.js';
import { type DeclaredState, overrideKey, scopeKey, type Setting } from '../reconcile/state.js';
import { SourceText } from '../yaml/source.js';

/**
 * Teaches the walk through history what files of the past mean.
 * @param current the declarations on disk: a file that is the same in a commit is not parsed again
 */
export function historyFormat(workspace: Workspace, current: readonly Declaration[]): HistoryFormat {
  const known = new Map(current.map((declaration) => [declaration.text, declaration]));
  return {
    configPath: workspace.configPath,
    declarations: (text, path) => {
      const declaration = known.get(text) ?? parseDeclaration(new SourceText(path, text)).declaration;
      return declaration === undefined ? undefined : settingsOf(declaration);
    },
    globs: (text) => {
      const config = text === undefined ? DEFAULT_CONFIG : parseOld(text, workspace);
      // Without a configuration, globs start at the root: that is what the defaults mean.
      return config && declarationGlobs(config.declarations, text === undefined ? '.' : workspace.folder);
    },
  };
}

function parseOld(text: string, workspace: Workspace): Config | undefined {
  return parseConfig(new SourceText(workspace.configPath, text)).config;
}

/** The settings of one file; undefined where it contradicts itself. */
function settingsOf(declaration: Declaration): DeclaredState | undefined {
  const settings = new Map<string, Setting>();
  for (const override of declaration.overrides) {
    const key = overrideKey(override);
    const other = settings.get(key);
    if (other !== undefined && settingKey(other) !== settingKey(override.setting)) return undefined;
    settings.set(key, override.setting);
  }
  return new Map(declaration.scopes.map((scope) => [scopeKey(scope), settings]));
}
