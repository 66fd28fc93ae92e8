import { declarationGlobs } from '../../src/config/globs.js';
import type { HistoryFormat } from '../../src/history/walk/blob-cache.js';
import { NONE } from '../../src/reconcile/setting.js';
import {
  type DeclaredState,
  type OverrideId,
  overrideKey,
  type ScopeId,
  type Setting,
} from '../../src/reconcile/state.js';
import type { Json } from '../../src/json/json.js';

/**
 * Declarations for tests of the walk, which does not know YAML. A line is `project/environment flag kind key value`
 * with the value in JSON; `#` starts a comment, `!` makes the file one that does not parse. The configuration
 * `flagops.conf` holds a glob a line; without it, `overrides/**` + `/*.txt`.
 */
export class ToyFormat implements HistoryFormat {
  readonly configPath: string = 'flagops.conf';
  /** The files that were parsed, in order. */
  readonly parsed: string[] = [];

  readonly declarations = (bytes: Uint8Array, path: string): DeclaredState | undefined => {
    this.parsed.push(path);
    return parseToy(Buffer.from(bytes).toString('utf8'));
  };

  readonly globs = (bytes: Uint8Array | undefined): ReturnType<HistoryFormat['globs']> => {
    const text = bytes && Buffer.from(bytes).toString('utf8');
    if (text?.startsWith('!') === true) return undefined;
    const patterns = text?.split('\n').filter((line) => line !== '') ?? ['overrides/**/*.txt'];
    return declarationGlobs(patterns, '.');
  };
}

/** What a text in the toy format declares; undefined where it does not parse. */
export function parseToy(text: string): DeclaredState | undefined {
  const state = new Map<string, Map<string, Setting>>();
  for (const line of text.split('\n')) {
    if (line.startsWith('!')) return undefined;
    if (line.startsWith('#') || line.trim() === '') continue;
    const [scope = '', flag = '', kind = '', key = '', ...value] = line.trim().split(/\s+/);
    const overrides = state.get(scope) ?? new Map<string, Setting>();
    state.set(scope, overrides);
    overrides.set(overrideKey({ flag, kind, key }), toySetting(JSON.parse(value.join(' ')) as Json));
  }
  return state;
}

/** The setting that a value in the toy format stands for. */
export function toySetting(value: Json): Setting {
  return value === null ? NONE : { type: 'value', value };
}

/** The scope and the override of a line without its value. */
export function toyOverride(line: string): { scope: ScopeId; id: OverrideId } {
  const [scope = '', flag = '', kind = '', key = ''] = line.split(' ');
  const [project = '', environment = ''] = scope.split('/');
  return { scope: { project, environment }, id: { flag, kind, key } };
}
