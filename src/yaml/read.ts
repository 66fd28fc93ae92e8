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

/** The result of reading a YAML file; `file` is absent if there is nothing to check further. */
export interface YamlReading {
  readonly file?: YamlFile;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads one YAML 1.2 document with the core schema. All other YAML features (anchors, aliases, merge keys, tags,
 * directives, several documents) are refused: with each of them, a file can mean something other than it seems to, or
 * be read differently by another parser.
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
  const reported = onePerLine(problems, syntaxProblems(faults, watch, source.text), source);
  if (stop !== undefined) return { diagnostics: diagnose(reported, source, { stoppedAt: stop.offset }) };
  if (document?.contents === undefined || document.contents === null || isBlank(document)) {
    const empty = { code: 'yaml-empty' as const, offset: 0, message: 'the file has no content' };
    return {
      diagnostics: diagnose(
        reported.length > 0 ? reported : [{ ...empty, hint: 'delete it, or fill it in' }],
        source,
      ),
    };
  }
  const { value, problems: inside } = toPlain(document.contents);
  const diagnostics = diagnose([...reported, ...inside.kept], source, { dropped: inside.dropped });
  return { file: { source, root: document.contents, value }, diagnostics };
}

/** Problems that stop parsing. */
const STOPS = {
  'too-deep': {
    code: 'yaml-too-deep',
    message: `more than ${LIMITS.depth} nested maps and lists`,
    hint: 'a declaration needs six, plus those of a JSON value',
  },
  'too-much': {
    code: 'yaml-too-much',
    message: 'the file has more content than flagops reads from one file (about 100,000 overrides)',
    hint: 'split it into several files',
  },
  'too-long': {
    code: 'yaml-too-long',
    message: `a text, a comment or a run of blanks has more than ${LIMITS.token / 1024 / 1024} MiB`,
    hint: 'shorten it; after a quote that is not closed, everything that follows is one text',
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
  const hint = 'put each document into its own file; a --- at the end also starts one';
  return [{ code: 'yaml-several-documents', offset, message: 'a second document starts here', hint }];
}

/** One mistake often makes the parser report several faults, so only the first one in a line is kept. */
function onePerLine(
  problems: readonly Problem[],
  syntax: readonly Problem[],
  source: SourceText,
): readonly Problem[] {
  const lines = new Set(problems.map(({ offset }) => source.positionAt(offset).line));
  const first = syntax
    .toSorted((a, b) => a.offset - b.offset)
    .filter(({ offset }) => {
      const { line } = source.positionAt(offset);
      return lines.has(line) ? false : Boolean(lines.add(line));
    });
  return [...problems, ...first];
}

/**
 * @param more.dropped number of problems that are not in the list
 * @param more.stoppedAt offset at which parsing stopped because there were too many problems
 */
function diagnose(
  problems: readonly Problem[],
  source: SourceText,
  { dropped = 0, stoppedAt }: { readonly dropped?: number; readonly stoppedAt?: number } = {},
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
  const message = `${sorted.length - shown.length + dropped} more problems from here on`;
  return [...shown, { severity: 'error', code: 'yaml-more', message, at: source.positionAt(next.offset) }];
}
