import schema from '../../schemas/simulator-seed.schema.json' with { type: 'json' };
import { hasErrors, type Diagnostic } from '../diagnostics/diagnostic.js';
import { positionOf } from '../yaml/position.js';
import { readYaml } from '../yaml/read.js';
import { schemaCheck } from '../yaml/schema.js';
import type { SourceText } from '../yaml/source.js';
import { checkSeed } from './check-seed.js';
import { defaultSeed } from './default-seed.js';
import type { Seed } from './seed.js';

const check = schemaCheck(schema);

/** Reads a seed from YAML or JSON. `seed` is absent where a diagnostic is an error. */
export function readSeed(source: SourceText): {
  readonly seed?: Seed;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { file, diagnostics } = readYaml(source);
  if (file === undefined || hasErrors(diagnostics)) return { diagnostics };
  const violations = check(file);
  if (violations.length > 0) return { diagnostics: violations };
  const declared: Omit<Seed, 'tokens'> & Partial<Seed> = JSON.parse(JSON.stringify(file.value));
  const seed: Seed = { tokens: defaultSeed.tokens, ...declared };
  const problems = checkSeed(seed).map(({ path, message }): Diagnostic => ({
    severity: 'error',
    code: 'seed-reference',
    message,
    at: positionOf(file, path),
  }));
  return problems.length > 0 ? { diagnostics: problems } : { seed, diagnostics };
}
