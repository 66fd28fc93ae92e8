import schema from '../../../schemas/simulator-seed.schema.json' with { type: 'json' };
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import { OperatorError } from '../../diagnostics/operator-error.js';
import { measureJson, tooDeep } from '../../json/shape.js';
import { positionOf } from '../../yaml/position.js';
import { checkedParser } from '../../yaml/checked-parser.js';
import type { SourceText } from '../../yaml/source.js';
import { checkSeed } from './check-seed.js';
import { defaultSeed } from './default-seed.js';
import { validate as validateSeed } from './seed-validator.mjs';
import type { Seed } from './seed.js';

/**
 * Reads a seed from JSON that is too large to be read with positions.
 * @throws OperatorError `bad-seed` with the first error
 */
export function readLargeSeed(path: string, text: string): Seed {
  const deep = tooDeep(measureJson(text));
  if (deep !== undefined) throw badSeed(path, deep, undefined);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badSeed(path, 'is not JSON, and is too large to be read as YAML', cause);
  }
  const validate = new Ajv2020({ strict: false }).compile<DeclaredSeed>(schema);
  if (!validate(value)) {
    const [error] = validate.errors ?? [];
    throw badSeed(
      path,
      `${error?.instancePath ?? ''} ${error?.message ?? 'does not match the schema'}`,
      undefined,
    );
  }
  const seed = { tokens: defaultSeed.tokens, ...value };
  const [problem] = checkSeed(seed);
  if (problem) throw badSeed(path, `/${problem.path.join('/')} ${problem.message}`, undefined);
  return seed;
}

function badSeed(path: string, what: string, cause: unknown): OperatorError {
  return new OperatorError('bad-seed', `the seed ${path}: ${what}`, {
    hint: 'fix it, or make it smaller: errors in smaller seeds are reported with line and column',
    cause,
  });
}

type DeclaredSeed = Omit<Seed, 'tokens'> & Partial<Seed>;

/** A seed that was read; `seed` is absent if a diagnostic is an error. */
interface SeedReading {
  readonly seed?: Seed;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a seed from YAML or JSON. */
export const readSeed: (source: SourceText) => SeedReading = checkedParser<DeclaredSeed, SeedReading>(
  validateSeed,
  ({ yaml, content }) => {
    const declared: DeclaredSeed = JSON.parse(JSON.stringify(content));
    const seed: Seed = { tokens: defaultSeed.tokens, ...declared };
    const problems = checkSeed(seed).map(({ path, message }): Diagnostic => ({
      severity: 'error',
      code: 'seed-reference',
      message,
      at: positionOf(yaml, path),
    }));
    return problems.length > 0 ? { diagnostics: problems } : { seed, diagnostics: [] };
  },
);
