import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { contextKeysIn } from '../declare/parse/keys.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Findings } from '../diagnostics/findings.js';
import type { PlanningResult } from '../planning/prepare.js';
import type { Plan } from '../reconcile/plan.js';
import { sizeFault } from '../yaml/decode.js';
import type { StepContext } from './step-context.js';

// With `redact-keys`, results are redacted before anything is printed or published. Without it, they are unchanged.

/** The plan without context keys; from here on, all output of this step is redacted with the plan's keys. */
export function redactPlan(plan: Plan, { declared }: PlanningResult, { inputs, mask }: StepContext): Plan {
  if (inputs.redactSalt === undefined) return plan;
  const keys = new Set([...plan.changes, ...plan.dates].map(({ key }) => key));
  for (const scope of declared.desired.values()) {
    for (const override of scope.overrides.values()) keys.add(override.key);
  }
  return mask.redactKeys(inputs.redactSalt, keys).plan(plan);
}

/** Findings without context keys. Files with errors declare nothing, so the keys are read from the files' text. */
export async function redactFindings(findings: Findings, step: StepContext): Promise<Findings> {
  const { inputs, mask, root } = step;
  if (inputs.redactSalt === undefined) return findings;
  const files = new Set([...findings.diagnostics, ...(findings.soon ?? [])].map(({ at }) => at.file));
  const keys = new Set<string>();
  for (const file of files) {
    for (const key of await keysInFile(join(root.path, file))) keys.add(key);
  }
  const { declaredDate } = mask.redactKeys(inputs.redactSalt, keys);
  return {
    ...findings,
    diagnostics: redactDiagnostics(findings.diagnostics, step),
    ...(findings.soon === undefined ? {} : { soon: findings.soon.map(declaredDate) }),
  };
}

export function redactDiagnostics(
  diagnostics: readonly Diagnostic[],
  { mask: { redactor } }: StepContext,
): readonly Diagnostic[] {
  return redactor === undefined ? diagnostics : diagnostics.map(redactor.diagnostic);
}

async function keysInFile(path: string): Promise<Iterable<string>> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  // A file that is too large was not read, so no message quotes it.
  if (sizeFault(size) !== undefined) return [];
  return contextKeysIn(await readFile(path, 'utf8').catch(() => ''));
}
