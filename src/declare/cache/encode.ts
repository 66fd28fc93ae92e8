import type { DesiredOverride, ScopeId, Setting } from '../../reconcile/state.js';
import type { Declaration, Parsed } from '../parse/parse.js';

/** Increased whenever the parser's result for a file changes, or its encoding does. */
export const ENCODING = 8;

type Common = Pick<DesiredOverride, 'owner' | 'reason' | 'expires' | 'manage'>;

/** A declaration without its path, so that it is the same for every file with this content. Repeated parts are shared. */
interface Encoded {
  readonly scopes: readonly (ScopeId & { readonly line: number; readonly col: number })[];
  readonly line: number;
  readonly col: number;
  /** Kind and key of each context in turn. */
  readonly contexts: readonly string[];
  readonly settings: readonly PackedOverride[];
  /** The position of an override relative to the previous one: number of contexts and lines in between, and column. */
  readonly steps: readonly (readonly [contexts: number, lines: number, col: number])[];
  /** Two numbers per override: indexes of its setting and its step. */
  readonly overrides: readonly number[];
}

/** The part of an override that many others share. */
type PackedOverride = readonly [flag: string, setting: Setting, common?: Common];

interface EncodedFile {
  /** Absent if the file has errors. */
  readonly declaration?: Encoded;
  readonly isSpotless: boolean;
}

/** The result of parsing a file in an earlier run. */
export interface Remembered {
  /** Absent if the file has errors. */
  readonly declaration?: Declaration;
  /** Whether there was nothing to report; otherwise the file must be parsed again to report it. */
  readonly isSpotless: boolean;
}

/** Encodes what a file declares, compactly. Diagnostics are not included. */
export function encodeParsed({ declaration, diagnostics }: Parsed): string {
  const isSpotless = diagnostics.length === 0;
  const file: EncodedFile =
    declaration === undefined ? { isSpotless } : { isSpotless, declaration: encode(declaration) };
  return JSON.stringify(file);
}

/**
 * Decodes what `encodeParsed` wrote, for a file at this path.
 * @returns undefined if the text has another format
 */
export function decodeParsed(encoded: string, path: string): Remembered | undefined {
  try {
    const { declaration, isSpotless } = JSON.parse(encoded) as EncodedFile;
    return declaration === undefined
      ? { isSpotless }
      : { isSpotless, declaration: decode(declaration, path) };
  } catch {
    return undefined;
  }
}

function encode(declaration: Declaration): Encoded {
  const contexts = new Index<readonly [string, string]>();
  const settings = new Index<PackedOverride>();
  const steps = new Index<Encoded['steps'][number]>();
  const overrides: number[] = [];
  let [lastContext, lastLine] = [0, 0];
  let last: DesiredOverride | undefined;
  for (const override of declaration.overrides) {
    const { kind, key, flag, setting, at } = override;
    const common = commonOf(override);
    const isSame = last?.key === key && last.kind === kind;
    const context = isSame ? lastContext : contexts.of(`${kind}\n${key}`, () => [kind, key]);
    last = override;
    const [further, lines] = [context - lastContext, at.line - lastLine];
    overrides.push(
      settings.of(`${flag}\n${textOf(setting)}\n${common === undefined ? '' : JSON.stringify(common)}`, () =>
        common === undefined ? [flag, setting] : [flag, setting, common],
      ),
      steps.of(`${further} ${lines} ${at.col}`, () => [further, lines, at.col]),
    );
    [lastContext, lastLine] = [context, at.line];
  }
  return {
    scopes: declaration.scopes.map(({ project, environment, at: { line, col } }) => ({
      project,
      environment,
      line,
      col,
    })),
    line: declaration.at.line,
    col: declaration.at.col,
    contexts: contexts.items.flat(),
    settings: settings.items,
    steps: steps.items,
    overrides,
  };
}

/** A distinct text for each distinct setting. */
function textOf(setting: Setting): string {
  const isShort = setting.type === 'value' && typeof setting.value === 'boolean';
  return isShort ? String(setting.value) : JSON.stringify(setting);
}

/** Undefined for most overrides, which have none of these. */
function commonOf({ owner, reason, expires, manage }: DesiredOverride): Common | undefined {
  if (owner === undefined && reason === undefined && expires === undefined && manage === undefined)
    return undefined;
  return {
    ...(owner === undefined ? {} : { owner }),
    ...(reason === undefined ? {} : { reason }),
    ...(expires === undefined ? {} : { expires }),
    ...(manage === undefined ? {} : { manage }),
  };
}

function decode(
  { scopes, line, col, contexts, settings, steps, ...rest }: Encoded,
  path: string,
): Declaration {
  const overrides: DesiredOverride[] = [];
  let [context, at] = [0, 0];
  for (let index = 0; index < rest.overrides.length; index += 2) {
    const packed = settings[rest.overrides[index] ?? -1];
    const step = steps[rest.overrides[index + 1] ?? -1];
    if (packed === undefined || step === undefined) throw new TypeError('not an encoded declaration');
    context += step[0];
    at += step[1];
    const kind = contexts[2 * context];
    const key = contexts[2 * context + 1];
    if (kind === undefined || key === undefined) throw new TypeError('not an encoded declaration');
    const [flag, setting, common] = packed;
    const override = { kind, key, flag, setting, at: { file: path, line: at, col: step[2] } };
    overrides.push(common === undefined ? override : { ...override, ...common });
  }
  return {
    scopes: scopes.map(({ project, environment, ...place }) => ({
      project,
      environment,
      at: { file: path, line: place.line, col: place.col },
    })),
    overrides,
    at: { file: path, line, col },
  };
}

/** Numbers distinct items in the order in which they are added. */
class Index<Item> {
  readonly #numbers = new Map<string, number>();
  readonly items: Item[] = [];

  of(key: string, item: () => Item): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.items.length);
    return this.items.push(item()) - 1;
  }
}
