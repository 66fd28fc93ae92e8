import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.js';
import { readYaml, type YamlFile } from './read.js';
import { schemaCheck, type Validate } from './schema.js';
import type { SourceText } from './source.js';

/** A YAML file that fits a schema: its nodes for positions, and its content as the schema describes it. */
export interface CheckedFile<Content> {
  readonly yaml: YamlFile;
  readonly content: Content;
}

/**
 * Makes the reader of one kind of file: YAML first, then the schema, and nothing after the first of them that finds
 * an error.
 * @typeParam Content what the schema accepts
 */
export function checkedParser<Content>(
  validate: Validate,
): (
  source: SourceText,
) =>
  | { readonly file: CheckedFile<Content> }
  | { readonly file?: undefined; readonly diagnostics: readonly Diagnostic[] } {
  const check = schemaCheck(validate);
  return (source) => {
    const { file: yaml, diagnostics } = readYaml(source);
    if (yaml === undefined || hasErrors(diagnostics)) return { diagnostics };
    const violations = check(yaml);
    return violations.length > 0
      ? { diagnostics: violations }
      : { file: { yaml, content: yaml.value as Content } };
  };
}
