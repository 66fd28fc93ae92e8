import { Composer, type Document, type YAMLError } from 'yaml';
import { FaultLog, type SyntaxFault, TooManyFaults } from './fault-log.js';
import { parseTokens, type Stop } from './tokens.js';
import type { TokenWatch } from './token-watch.js';

/** The documents of a YAML text, and its syntax errors. */
export interface Composed {
  /** Empty if parsing stopped early. */
  readonly documents: readonly Document.Parsed[];
  readonly faults: readonly SyntaxFault[];
  readonly watch: TokenWatch;
  /** Why and where parsing stopped early; undefined if it did not. */
  readonly stop: { readonly why: Stop; readonly offset: number } | undefined;
}

/**
 * Composes YAML 1.2 with the core schema; keys are always read as strings.
 * The caller checks for duplicate keys: the library compares every key with every other one, which is quadratic.
 * @param keepSourceTokens whether nodes refer to the tokens that they were made from, which takes memory
 */
export function compose(text: string, keepSourceTokens = false): Composed {
  const { tokens, faults, watch, stop } = parseTokens(text);
  if (stop !== undefined) return { documents: [], faults, watch, stop };
  const log = new FaultLog();
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    stringKeys: true,
    uniqueKeys: false,
    keepSourceTokens,
    prettyErrors: false,
    logLevel: 'silent',
  });
  reportTo(composer, log);
  try {
    const documents = [...composer.compose(tokens, true, text.length)];
    const others = documents.flatMap(({ errors }) =>
      errors.map(({ code, message, pos }): SyntaxFault => ({
        code,
        message,
        offset: pos[0],
        about: undefined,
        isWarning: false,
      })),
    );
    return { documents, faults: [...faults, ...log.faults, ...others], watch, stop };
  } catch (error) {
    if (!(error instanceof TooManyFaults)) throw error;
    const { offset } = error;
    return {
      documents: [],
      faults: [...faults, ...log.faults],
      watch,
      stop: { why: 'too-many-problems', offset },
    };
  }
}

/**
 * Makes a composer report to a log that can stop it. Otherwise it would create an error with a stack trace for each of
 * millions of faults. The library has no option for this, so its internal error handler is replaced.
 */
function reportTo(composer: Composer, log: FaultLog): void {
  if (typeof Reflect.get(composer, 'onError') !== 'function')
    throw new TypeError('this version of the yaml package has no onError to replace');
  const onError = (place: Place, code: YAMLError['code'], message: string, isWarning = false): void =>
    log.add({ code, message, offset: offsetOf(place), about: aboutOf(place), isWarning });
  Reflect.set(composer, 'onError', onError);
}

/** What the library passes to `onError`: an offset, a range, or a token. */
type Place =
  number | readonly [number, number, ...number[]] | { readonly type: string; readonly offset: number };

function offsetOf(place: Place): number {
  if (typeof place === 'number') return place;
  return 'offset' in place ? place.offset : place[0];
}

function aboutOf(place: Place): string | undefined {
  if (typeof place === 'number') return undefined;
  return 'type' in place ? place.type : 'node';
}
