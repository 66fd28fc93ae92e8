import { type CST, Lexer, Parser } from 'yaml';
import { FaultLog, type SyntaxFault, TooManyFaults } from './fault-log.js';
import { LIMITS } from './limits.js';
import { TokenWatch } from './token-watch.js';

/** Why a file was not read to its end. */
export type Stop = 'too-deep' | 'too-much' | 'too-long' | 'too-many-problems';

/** The tokens of a YAML text. */
export interface Tokens {
  /** Whole documents as a tree of tokens, and what lies between them; without what the parser did not understand. */
  readonly tokens: readonly CST.Token[];
  /** What the parser did not understand. */
  readonly faults: readonly SyntaxFault[];
  readonly watch: TokenWatch;
  /** Where and why reading ended before the end; undefined if it did not. */
  readonly stop: { readonly why: Stop; readonly offset: number } | undefined;
}

/**
 * Parses a YAML text into tokens, as `Parser.parse` does, but only as far as `LIMITS` allow: what comes after the
 * parser is recursive, and takes memory for each token. A second document ends it as well.
 */
export function parseTokens(text: string): Tokens {
  const parser = new Parser();
  const watch = new TokenWatch();
  const log = new FaultLog();
  const tokens: CST.Token[] = [];
  let documents = 0;
  const take = (parsed: Iterable<CST.Token>): void => {
    for (const token of parsed) {
      if (token.type === 'error') log.add(faultOf(token));
      else tokens.push(token);
      documents += Number(token.type === 'document');
    }
  };
  const stopped = (why: Stop | undefined): Tokens => {
    const stop = why && { why, offset: parser.offset };
    // What is left open where reading stops is no fault of the file.
    for (const token of parser.end()) if (token.type !== 'error') tokens.push(token);
    watch.end(parser.offset);
    return { tokens, faults: log.faults, watch, stop };
  };
  let weight = 0;
  try {
    for (const lexeme of new Lexer().lex(text)) {
      weight += weigh(lexeme);
      if (lexeme.length > LIMITS.token) return stopped('too-long');
      if (weight > LIMITS.weight) return stopped('too-much');
      watch.see(lexeme, parser.offset);
      take(parser.next(lexeme));
      if (parser.stack.length > LIMITS.depth + 1) return stopped('too-deep');
      if (watch.problems.length >= LIMITS.problems) return stopped('too-many-problems');
      if (documents > 1) return stopped(undefined);
    }
    take(parser.end());
  } catch (error) {
    if (error instanceof TooManyFaults) return stopped('too-many-problems');
    throw error;
  }
  return stopped(undefined);
}

/** Memory that a token takes, in units of about 150 bytes: a sign that begins an entry takes that of the entry. */
function weigh(lexeme: string): number {
  return WEIGHTS[lexeme] ?? 1;
}

const WEIGHTS: Readonly<Record<string, number>> = { ',': 4, ':': 3, '-': 3, '?': 3 };

function faultOf({ message, source, offset }: CST.ErrorToken): SyntaxFault {
  // The source of an error can be the rest of the file.
  const what = source === '' ? message : `${message}: ${JSON.stringify(source.slice(0, 60))}`;
  return { code: 'UNEXPECTED_TOKEN', offset, message: what, about: undefined, isWarning: false };
}
