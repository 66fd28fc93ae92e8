import type { DesiredOverride, ScopeId, Setting } from '../../reconcile/state.js';
import type { Declaration, Parsed } from '../parse/parse.js';

/** Bumped whenever the same file would be read in another way, or is written down in another way. */
export const ENCODING = 4;

type Common = Pick<DesiredOverride, 'owner' | 'reason' | 'expires'>;

/** A declaration without its path: what is the same for a blob wherever it stands. Whatever recurs is written once. */
interface Encoded {
  readonly scopes: readonly ScopeId[];
  readonly line: number;
  readonly col: number;
  /** Kind and key of each context in turn. */
  readonly contexts: readonly string[];
  readonly wishes: readonly PackedOverride[];
  /** How one override lies after the one before: contexts and lines further on, and the column. */
  readonly steps: readonly (readonly [contexts: number, lines: number, col: number])[];
  /** Two numbers an override: wish and step. */
  readonly overrides: readonly number[];
}

/** What is wanted of a context: all of an override that many others have as well. */
type PackedOverride = readonly [flag: string, setting: Setting, common?: Common];

interface EncodedFile {
  /** Absent where the file has errors. */
  readonly declaration?: Encoded;
  readonly isSpotless: boolean;
}

/** What an earlier run made of a file. */
export interface Remembered {
  /** Absent where the file has errors. */
  readonly declaration?: Declaration;
  /** Whether there was nothing to tell: else it has to be parsed again for what there is. */
  readonly isSpotless: boolean;
}

/** Writes down compactly what a file declares: what recurs is written once. What is wrong with it is not. */
export function encodeParsed({ declaration, diagnostics }: Parsed): string {
  const isSpotless = diagnostics.length === 0;
  const file: EncodedFile =
    declaration === undefined ? { isSpotless } : { isSpotless, declaration: encode(declaration) };
  return JSON.stringify(file);
}

/** What was written down, as the file of this path; undefined where the text is not ours. */
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
  const wishes = new Index<PackedOverride>();
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
      wishes.of(`${flag}\n${textOf(setting)}\n${common === undefined ? '' : JSON.stringify(common)}`, () =>
        common === undefined ? [flag, setting] : [flag, setting, common],
      ),
      steps.of(`${further} ${lines} ${at.col}`, () => [further, lines, at.col]),
    );
    [lastContext, lastLine] = [context, at.line];
  }
  return {
    scopes: declaration.scopes,
    line: declaration.at.line,
    col: declaration.at.col,
    contexts: contexts.items.flat(),
    wishes: wishes.items,
    steps: steps.items,
    overrides,
  };
}

/** Different for different settings. */
function textOf(setting: Setting): string {
  const isShort = setting.type === 'value' && typeof setting.value === 'boolean';
  return isShort ? String(setting.value) : JSON.stringify(setting);
}

/** Most overrides have neither owner, reason nor end. */
function commonOf({ owner, reason, expires }: DesiredOverride): Common | undefined {
  if (owner === undefined && reason === undefined && expires === undefined) return undefined;
  return {
    ...(owner === undefined ? {} : { owner }),
    ...(reason === undefined ? {} : { reason }),
    ...(expires === undefined ? {} : { expires }),
  };
}

function decode({ scopes, line, col, contexts, wishes, steps, ...rest }: Encoded, path: string): Declaration {
  const overrides: DesiredOverride[] = [];
  let [context, at] = [0, 0];
  for (let index = 0; index < rest.overrides.length; index += 2) {
    const wish = wishes[rest.overrides[index] ?? -1];
    const step = steps[rest.overrides[index + 1] ?? -1];
    if (wish === undefined || step === undefined) throw new TypeError('not an encoded declaration');
    context += step[0];
    at += step[1];
    const kind = contexts[2 * context];
    const key = contexts[2 * context + 1];
    if (kind === undefined || key === undefined) throw new TypeError('not an encoded declaration');
    const [flag, setting, common] = wish;
    const override = { kind, key, flag, setting, at: { file: path, line: at, col: step[2] } };
    overrides.push(common === undefined ? override : { ...override, ...common });
  }
  return { scopes, overrides, at: { file: path, line, col } };
}

/** Numbers distinct items in the order in which they come. */
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
