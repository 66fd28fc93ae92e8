import { type Declaration, parseDeclaration } from '../../src/declare/parse/parse.js';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.js';
import { SourceText } from '../../src/yaml/source.js';

/** The first two lines of most files in these tests: what is under test starts in line 3. */
export const SCOPE = 'project: shop\nenvironment: production\n';

export function parse(text: string, path = 'x.yaml'): ReturnType<typeof parseDeclaration> {
  return parseDeclaration(new SourceText(path, text));
}

/** A declaration that nothing is wrong with. */
export function declared(text: string, path = 'x.yaml'): Declaration {
  const { declaration, diagnostics } = parse(text, path);
  if (declaration === undefined || diagnostics.length > 0) throw new Error(diagnostics.map(line).join('\n'));
  return declaration;
}

/** What is wrong with a text, as `line:col code message (hint)`, the first two lines being `SCOPE`. */
export function wrong(rest: string): string[] {
  return parse(SCOPE + rest).diagnostics.map(line);
}

export function line({ at, code, message, hint }: Diagnostic): string {
  return `${at.line}:${at.col} ${code} ${message}${hint === undefined ? '' : ` (${hint})`}`;
}
