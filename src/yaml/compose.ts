import { Composer, type Document, type YAMLError } from 'yaml';
import { FaultLog, type SyntaxFault, TooManyFaults } from './fault-log.js';
import { parseTokens, type Stop } from './tokens.js';
import type { TokenWatch } from './token-watch.js';

/** The documents of a YAML text with what is wrong in them. */
export interface Composed {
  /** Empty if reading was stopped. */
  readonly documents: readonly Document.Parsed[];
  readonly faults: readonly SyntaxFault[];
  readonly watch: TokenWatch;
  /** Where and why reading ended before the end; undefined if it did not. */
  readonly stop: { readonly why: Stop; readonly offset: number } | undefined;
}

/**
 * Composes YAML 1.2 (core schema) with keys as they are written.
 * Duplicate keys are left to the caller: the library's check compares each key with each other one.
 */
export function compose(text: string): Composed {
  const { tokens, faults, watch, stop } = parseTokens(text);
  if (stop !== undefined) return { documents: [], faults, watch, stop };
  const log = new FaultLog();
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    stringKeys: true,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  report(composer, log);
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
 * Has a composer report to a log, which can stop it. Left alone, it makes an error with a stack trace for each of
 * millions of faults. The library has no option for this, so the function that all of its faults pass is replaced.
 */
function report(composer: Composer, log: FaultLog): void {
  if (typeof Reflect.get(composer, 'onError') !== 'function')
    throw new TypeError('this version of yaml reports its errors in another way');
  const onError = (place: Place, code: YAMLError['code'], message: string, isWarning = false): void =>
    log.add({ code, message, offset: offsetOf(place), about: aboutOf(place), isWarning });
  Reflect.set(composer, 'onError', onError);
}

/** As the library names places: an offset, a range, or a token. */
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
