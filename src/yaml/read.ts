import type { Document, ParsedNode } from 'yaml';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Json } from '../json/json.js';
import { forbiddenCharacter } from './characters.js';
import { compose } from './compose.js';
import { LIMITS } from './limits.js';
import { toPlain } from './plain.js';
import type { Problem } from './problem.js';
import { cut } from './words.js';
import type { SourceText } from './source.js';
import { syntaxProblems } from './syntax.js';

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
  const forbidden = forbiddenCharacter(source.text);
  if (forbidden !== undefined) return { diagnostics: diagnose([forbidden], source) };
  const { documents, faults, watch, stop } = compose(source.text);
  if (stop !== undefined && stop.why !== 'too-many-problems') {
    const problem = { ...STOPS[stop.why], offset: stop.offset };
    return { diagnostics: diagnose([...watch.problems, problem], source) };
  }
  const [document] = documents;
  const problems = [...watch.problems, ...severalDocuments(documents)];
  const told = onePerLine(problems, syntaxProblems(faults, watch, source.text), source);
  if (stop !== undefined) return { diagnostics: diagnose(told, source, { stoppedAt: stop.offset }) };
  if (document?.contents === undefined || document.contents === null || isBlank(document)) {
    const empty = { code: 'yaml-empty' as const, offset: 0, message: 'the file declares nothing' };
    return {
      diagnostics: diagnose(told.length > 0 ? told : [{ ...empty, hint: 'delete it or fill it' }], source),
    };
  }
  const { value, problems: inside } = toPlain(document.contents);
  const diagnostics = diagnose([...told, ...inside.kept], source, { left: inside.left });
  return { file: { source, root: document.contents, value }, diagnostics };
}

/** Why a file is not read to its end. */
const STOPS = {
  'too-deep': {
    code: 'yaml-too-deep',
    message: `more than ${LIMITS.depth} maps and lists inside one another`,
    hint: 'declarations need six, and a JSON value as many as it has',
  },
  'too-much': {
    code: 'yaml-too-much',
    message:
      'more texts, signs and line breaks than are read of one file, which is room for 100,000 overrides',
    hint: 'split it into several files',
  },
  'too-long': {
    code: 'yaml-too-long',
    message: `a text, a comment or a run of blanks with more than ${LIMITS.token / 1024 / 1024} MiB`,
    hint: 'shorten it; a quote that is not closed makes one text of all that follows',
  },
} as const;

function isBlank(document: Document.Parsed): boolean {
  const [start, end] = document.contents?.range ?? [0, 0];
  return start === end;
}

function severalDocuments(documents: readonly Document.Parsed[]): Problem[] {
  const [first, second] = documents;
  if (first === undefined || second === undefined) return [];
  const offset = second.range?.[0] ?? first.range[2];
  const hint = 'write each document into a file of its own; a --- at the end starts one, too';
  return [{ code: 'yaml-several-documents', offset, message: 'a second document starts here', hint }];
}

/** One fault confuses the parser several times over: of a line, only the first thing it stumbled on is told. */
function onePerLine(
  problems: readonly Problem[],
  syntax: readonly Problem[],
  source: SourceText,
): readonly Problem[] {
  const lines = new Set(problems.map(({ offset }) => source.positionAt(offset).line));
  const told = syntax
    .toSorted((a, b) => a.offset - b.offset)
    .filter(({ offset }) => {
      const { line } = source.positionAt(offset);
      return lines.has(line) ? false : Boolean(lines.add(line));
    });
  return [...problems, ...told];
}

/**
 * @param more.left problems that there are besides
 * @param more.stoppedAt offset where reading stopped because there were too many problems
 */
function diagnose(
  problems: readonly Problem[],
  source: SourceText,
  { left = 0, stoppedAt }: { readonly left?: number; readonly stoppedAt?: number } = {},
): Diagnostic[] {
  const sorted = problems.toSorted((a, b) => a.offset - b.offset);
  const shown = sorted.slice(0, LIMITS.shown).map((problem): Diagnostic => {
    const place = problem.first === undefined ? undefined : source.positionAt(problem.first);
    return {
      severity: 'error',
      code: problem.code,
      message: place === undefined ? cut(problem.message) : `${cut(problem.message)} at line ${place.line}`,
      ...(problem.hint === undefined ? {} : { hint: cut(problem.hint) }),
      at: source.positionAt(problem.offset),
    };
  });
  if (stoppedAt !== undefined) {
    const message = `reading stopped here, after ${LIMITS.problems} problems`;
    const hint = 'fix those above first';
    return [
      ...shown,
      { severity: 'error', code: 'yaml-more', message, hint, at: source.positionAt(stoppedAt) },
    ];
  }
  const next = sorted[LIMITS.shown];
  if (next === undefined) return shown;
  const message = `${sorted.length - shown.length + left} more problems from here on`;
  return [...shown, { severity: 'error', code: 'yaml-more', message, at: source.positionAt(next.offset) }];
}
