import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.js';
import { readYaml, type YamlFile } from './read.js';
import { schemaCheck, type Validate } from './schema.js';
import type { SourceText } from './source.js';

/** A YAML file that matches a schema: its nodes for positions, and its content as the schema describes it. */
export interface CheckedFile<Content> {
  readonly yaml: YamlFile;
  readonly content: Content;
}

interface WithDiagnostics {
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Creates the parser for one kind of file. It has three steps: YAML, the schema, and `parse`. It stops after the first
 * step that finds an error.
 * @typeParam Content what the schema accepts
 * @param parse checks the rules that a schema cannot express, and returns the result
 */
export function checkedParser<Content, Parsed extends WithDiagnostics>(
  validate: Validate,
  parse: (file: CheckedFile<Content>) => Parsed,
): (source: SourceText) => Parsed | WithDiagnostics {
  const check = schemaCheck(validate);
  return (source) => {
    const { file: yaml, diagnostics } = readYaml(source);
    if (yaml === undefined || hasErrors(diagnostics)) return { diagnostics };
    const violations = check(yaml);
    if (violations.length > 0) return { diagnostics: violations };
    return parse({ yaml, content: yaml.value as Content });
  };
}
