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
 * A minimal declaration format for tests of the walk, which does not depend on YAML. Each line is
 * `project/environment flag kind key value`, with the value in JSON. `#` starts a comment, and a line that starts with
 * `!` makes the file invalid. The configuration `flagops.conf` has one glob per line; the default is `overrides/**` +
 * `/*.txt`.
 */
export class ToyFormat implements HistoryFormat {
  readonly configPath: string = 'flagops.conf';
  /** Paths of the files that were parsed, in order. */
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

/** What a file in the toy format declares; undefined if it does not parse. */
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

/** The setting for a value in the toy format. */
export function toySetting(value: Json): Setting {
  return value === null ? NONE : { type: 'value', value };
}

/** The scope and the override in a line of the toy format; its value may be missing. */
export function toyOverride(line: string): { scope: ScopeId; id: OverrideId } {
  const [scope = '', flag = '', kind = '', key = ''] = line.split(' ');
  const [project = '', environment = ''] = scope.split('/');
  return { scope: { project, environment }, id: { flag, kind, key } };
}
