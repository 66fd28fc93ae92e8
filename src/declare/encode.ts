import type { Json } from '../reconcile/json.js';
import type { DesiredOverride, ScopeId, Setting } from '../reconcile/state.js';
import type { Declaration } from './parse.js';

/** Bumped whenever the same file would be read in another way, or is written down in another way. */
export const ENCODING = 2;

type Common = Pick<DesiredOverride, 'owner' | 'reason' | 'expires'>;

/** A declaration without its path and text: what is the same for a blob wherever it stands. */
interface Encoded {
  readonly scopes: readonly ScopeId[];
  readonly line: number;
  readonly col: number;
  readonly contexts: readonly (readonly [kind: string, key: string])[];
  readonly flags: readonly string[];
  readonly settings: readonly Setting[];
  readonly commons: readonly Common[];
  /** Six numbers an override: context, flag, setting, common, line, column. */
  readonly overrides: readonly number[];
}

/** Writes a declaration down compactly: what recurs is written once. */
export function encodeDeclaration(declaration: Declaration): string {
  const contexts = new Index<readonly [string, string]>();
  const flags = new Index<string>();
  const settings = new Index<Setting>();
  const commons = new Index<Common>();
  const overrides: number[] = [];
  for (const { kind, key, flag, setting, at, owner, reason, expires } of declaration.overrides) {
    const common: Common = {
      ...(owner === undefined ? {} : { owner }),
      ...(reason === undefined ? {} : { reason }),
      ...(expires === undefined ? {} : { expires }),
    };
    overrides.push(
      contexts.of(`${kind}\n${key}`, [kind, key]),
      flags.of(flag, flag),
      settings.of(JSON.stringify(setting), setting),
      commons.of(JSON.stringify(common), common),
      at.line,
      at.col,
    );
  }
  const encoded: Encoded = {
    scopes: declaration.scopes,
    line: declaration.at.line,
    col: declaration.at.col,
    contexts: contexts.items,
    flags: flags.items,
    settings: settings.items,
    commons: commons.items,
    overrides,
  };
  return JSON.stringify(encoded);
}

/** The declaration that was written down, as the file of this path and text. Throws where the text is not ours. */
export function decodeDeclaration(encoded: string, path: string, text: string): Declaration {
  const { scopes, line, col, contexts, flags, settings, overrides, ...rest } = JSON.parse(encoded) as Encoded;
  const commons = rest.commons.map((common) => (Object.keys(common).length === 0 ? NOTHING : common));
  const decoded: DesiredOverride[] = [];
  for (let index = 0; index < overrides.length; index += 6) {
    const context = contexts[overrides[index] ?? -1];
    const flag = flags[overrides[index + 1] ?? -1];
    const setting = settings[overrides[index + 2] ?? -1];
    if (context === undefined || flag === undefined || setting === undefined) {
      throw new TypeError('not an encoded declaration');
    }
    const at = { file: path, line: overrides[index + 4] ?? 0, col: overrides[index + 5] ?? 0 };
    const override = { kind: context[0], key: context[1], flag, setting, at };
    const common = commons[overrides[index + 3] ?? -1];
    decoded.push(common === undefined || common === NOTHING ? override : { ...override, ...common });
  }
  return { scopes, overrides: decoded, text, at: { file: path, line, col } };
}

/** Most overrides have neither owner, reason nor end; copying nothing into each of them would cost. */
const NOTHING: Common = {};

/** Numbers distinct items in the order in which they come. */
class Index<Item extends Json | object> {
  readonly #numbers = new Map<string, number>();
  readonly items: Item[] = [];

  of(key: string, item: Item): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.items.length);
    return this.items.push(item) - 1;
  }
}
