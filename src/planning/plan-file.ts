import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import schema from '../../schemas/plan.schema.json' with { type: 'json' };
import { OperatorError } from '../diagnostics/operator-error.js';
import type { EarlierPlan } from '../reconcile/guards/expectations.js';
import { identityOf, identityOfDate } from '../reconcile/fingerprint.js';
import { flawIn } from '../json/json.js';
import { measureJson, tooDeep } from '../json/shape.js';
import type { Plan } from '../reconcile/plan.js';

/**
 * Reads a plan file written by `plan --format json`.
 * @param path from `cwd`
 * @throws OperatorError `plan-file` if the file cannot be read or is not a plan
 */
export async function readPlanFile(path: string, cwd: string): Promise<EarlierPlan> {
  let content: unknown;
  let deep: string | undefined;
  try {
    const text = await readFile(resolve(cwd, path), 'utf8');
    deep = tooDeep(measureJson(text));
    if (deep === undefined) content = JSON.parse(text);
  } catch (error) {
    const reason =
      error instanceof SyntaxError
        ? 'it is not JSON'
        : ((error as NodeJS.ErrnoException).code ?? String(error));
    throw new OperatorError('plan-file', `cannot read the plan ${path}: ${reason}`, {
      hint: HINT,
      cause: error,
    });
  }
  const flaw = deep ?? flawIn(content);
  if (flaw !== undefined) {
    throw new OperatorError('plan-file', `${path} is not a plan: it ${flaw}`, { hint: HINT });
  }
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  const validate = ajv.compile<WrittenPlan>(schema);
  if (!validate(content)) {
    const reason = ajv.errorsText(validate.errors, { dataVar: 'plan' });
    throw new OperatorError('plan-file', `${path} is not a plan: ${reason}`, { hint: HINT });
  }
  const { baseUrl, changes, dates = [] } = content;
  return { baseUrl, changes: changes.map(identityOf), dates: dates.map(identityOfDate) };
}

/** Plans that an earlier version wrote have no dates. */
type WrittenPlan = Omit<Plan, 'dates'> & Partial<Pick<Plan, 'dates'>>;

const HINT = 'write it with flagops plan --format json --out FILE';
