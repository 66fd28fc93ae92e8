import { type CST, Lexer, Parser } from 'yaml';
import { FaultLog, type SyntaxFault, TooManyFaults } from './fault-log.js';
import { LIMITS } from './limits.js';
import { TokenWatch } from './token-watch.js';

/** Why parsing stopped early. */
export type Stop = 'too-deep' | 'too-much' | 'too-long' | 'too-many-problems';

/** The tokens of a YAML text. */
export interface Tokens {
  /** Documents as trees of tokens, and the tokens between documents; without syntax errors. */
  readonly tokens: readonly CST.Token[];
  /** The syntax errors. */
  readonly faults: readonly SyntaxFault[];
  readonly watch: TokenWatch;
  /** Why and where parsing stopped early; undefined if it did not. */
  readonly stop: { readonly why: Stop; readonly offset: number } | undefined;
}

/**
 * Parses a YAML text into tokens, as `Parser.parse` does, but only as far as `LIMITS` allow: the next stage is recursive
 * and takes memory for each token. Parsing also ends at a second document.
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
    // If parsing stopped early, an unclosed construct is not a mistake in the file.
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

/** Memory that a token takes, in units of about 150 bytes; an indicator also counts for the entry that it begins. */
function weigh(lexeme: string): number {
  return WEIGHTS[lexeme] ?? 1;
}

const WEIGHTS: Readonly<Record<string, number>> = { ',': 4, ':': 3, '-': 3, '?': 3 };

function faultOf({ message, source, offset }: CST.ErrorToken): SyntaxFault {
  // The source of an error can be the rest of the file.
  const what = source === '' ? message : `${message}: ${JSON.stringify(source.slice(0, 60))}`;
  return { code: 'UNEXPECTED_TOKEN', offset, message: what, about: undefined, isWarning: false };
}
