import { Composer, type Document, Lexer, Parser } from 'yaml';
import { LIMITS } from './limits.js';
import { TokenWatch } from './token-watch.js';

/** The documents of a YAML text, or the offset at which it is nested too deeply. */
export type Composed =
  | {
      readonly type: 'documents';
      readonly documents: readonly Document.Parsed[];
      readonly watch: TokenWatch;
    }
  | { readonly type: 'too-deep'; readonly offset: number };

/**
 * Composes YAML 1.2 (core schema) with keys as they are written.
 * Duplicate keys are left to the caller: the library's check compares each key with each other one.
 */
export function compose(text: string): Composed {
  const parser = new Parser();
  const watch = new TokenWatch();
  const tokens = [];
  // What `Parser.parse` does, but stopping before the composer, which is recursive, could exhaust the stack.
  for (const lexeme of new Lexer().lex(text)) {
    watch.see(lexeme, parser.offset);
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > LIMITS.depth + 1) return { type: 'too-deep', offset: parser.offset };
  }
  for (const token of parser.end()) tokens.push(token);
  watch.end();
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    stringKeys: true,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  return { type: 'documents', documents: [...composer.compose(tokens, true, text.length)], watch };
}
