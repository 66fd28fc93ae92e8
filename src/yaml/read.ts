import type { Document, ParsedNode, YAMLError } from 'yaml';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Json } from '../reconcile/json.js';
import { compose } from './compose.js';
import { LIMITS } from './limits.js';
import { toPlain } from './plain.js';
import type { SourceText } from './source.js';

/** A YAML file that parsed: its nodes for positions, and its value. */
export interface YamlFile {
  readonly source: SourceText;
  readonly root: ParsedNode;
  readonly value: Json;
}

/** A YAML file as far as it could be read. `file` is absent where nothing more can be said about it. */
export interface YamlReading {
  readonly file?: YamlFile;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads one YAML 1.2 document with the core schema. What YAML offers beyond maps, lists and scalars (anchors,
 * aliases, merge keys, tags, directives, several documents) is refused: each makes a file read differently than
 * it looks, or differently in another parser.
 */
export function readYaml(source: SourceText): YamlReading {
  const error = (code: string, offset: number, message: string, hint?: string): Diagnostic => ({
    severity: 'error',
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    at: source.positionAt(offset),
  });
  const composed = compose(source.text);
  if (composed.type === 'too-deep') {
    const message = `more than ${LIMITS.depth} maps and lists inside one another`;
    return { diagnostics: [error('yaml-too-deep', composed.offset, message, 'declarations need six')] };
  }
  const [document, second] = composed.documents;
  if (document?.contents === undefined || document.contents === null || isBlank(document)) {
    const syntax = syntaxErrors(composed.documents).map((found) => describe(found, error));
    if (syntax.length > 0) return { diagnostics: syntax };
    return { diagnostics: [error('yaml-empty', 0, 'the file declares nothing', 'delete it or fill it')] };
  }
  const diagnostics = syntaxErrors(composed.documents).map((found) => describe(found, error));
  diagnostics.push(...directives(source.text, document, error));
  if (second !== undefined) {
    const offset = second.range?.[0] ?? document.range[2];
    const hint = 'write each document into a file of its own';
    diagnostics.push(error('yaml-several-documents', offset, 'a second document starts here', hint));
  }
  const { value, problems } = toPlain(document.contents);
  for (const problem of problems) {
    const place = problem.first === undefined ? undefined : source.positionAt(problem.first);
    const message = place === undefined ? problem.message : `${problem.message} at line ${place.line}`;
    diagnostics.push(error(problem.code, problem.offset, message, problem.hint));
  }
  return { file: { source, root: document.contents, value }, diagnostics };
}

type MakeError = (code: string, offset: number, message: string, hint?: string) => Diagnostic;

function isBlank(document: Document.Parsed): boolean {
  const [start, end] = document.contents?.range ?? [0, 0];
  return start === end;
}

function syntaxErrors(documents: readonly Document.Parsed[]): YAMLError[] {
  // A tag is reported where it stands, with what to do about it; the library's warning would say it twice.
  return documents.flatMap((document) => [
    ...document.errors,
    ...document.warnings.filter(
      (warning) => warning.code !== 'TAG_RESOLVE_FAILED' && warning.code !== 'BAD_DIRECTIVE',
    ),
  ]);
}

function describe(found: YAMLError, error: MakeError): Diagnostic {
  const hints: Partial<Record<YAMLError['code'], string>> = {
    TAB_AS_INDENT: 'indent with spaces',
    NON_STRING_KEY: 'keys are plain text',
    MISSING_CHAR: 'close the quote or bracket',
  };
  return error('yaml-syntax', found.pos[0], found.message.split('\n')[0] ?? '', hints[found.code]);
}

function directives(text: string, document: Document.Parsed, error: MakeError): Diagnostic[] {
  const end = document.contents?.range[0] ?? text.length;
  const found: Diagnostic[] = [];
  for (const match of text.slice(0, end).matchAll(/^%(\S+).*$/gm)) {
    const message = `the directive %${match[1] ?? ''} is not supported`;
    found.push(error('yaml-directive', match.index, message, 'delete the line: files are YAML 1.2'));
  }
  return found;
}
