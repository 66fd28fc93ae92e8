import type { Diagnostic } from '../../src/diagnostics/diagnostic.js';
import { readYaml } from '../../src/yaml/read.js';
import { SourceText } from '../../src/yaml/source.js';
import type { Json } from '../../src/json/json.js';

export function read(text: string): {
  readonly value: Json | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { file, diagnostics } = readYaml(new SourceText('x.yaml', text));
  return { value: file?.value, diagnostics };
}

/** The value of a text that nothing is wrong with. */
export function valueOf(text: string): Json | undefined {
  const { value, diagnostics } = read(text);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(lineOf).join('\n'));
  return value;
}

/** What is wrong with a text, as `line:col code message`. */
export function faults(text: string): string[] {
  return read(text).diagnostics.map(lineOf);
}

function lineOf({ at, code, message }: Diagnostic): string {
  return `${at.line}:${at.col} ${code} ${message}`;
}
