import { agree, Disagreement } from './disagreement.js';
import type { ModelPlan } from './model.js';
import { idOf, type PlanJson, type ResultJson } from './output.js';
import { type Environment, type Id, partsOf } from './universe.js';

/** Compares a plan with the model's. */
export function checkPlan(plan: PlanJson, expected: ModelPlan, options: { readonly rewind: boolean }): void {
  const is = plan.changes.map((change) =>
    line({
      id: idOf(change),
      action: change.action,
      before: change.before?.variation,
      after: change.after?.variation,
      mark: change.mark,
      liveMoved: change.liveMoved,
      withheld: change.withheld,
    }),
  );
  agree('plan', 'the changes', is.toSorted(), expected.changes.map(line).toSorted());
  agree('plan', 'how many changes the filters leave out', plan.filtered, expected.filtered);
  for (const scope of plan.scopes) {
    const model = expected.scopes.get(scope.environment as Environment);
    if (model === undefined) throw new Disagreement('plan', `an unexpected scope ${scope.environment}`);
    agree('plan', `${scope.environment}: unchanged`, scope.unchanged, model.unchanged);
    agree('plan', `${scope.environment}: left alone`, scope.leftAlone ?? 0, model.untouched.length);
    const counts = new Map<string, number>();
    for (const id of model.unmanaged) {
      const { flag } = partsOf(id);
      counts.set(flag, (counts.get(flag) ?? 0) + 1);
    }
    const known = scope.complete ? [...counts] : [...counts].filter(([flag]) => flag in scope.unmanaged);
    const shown = (some: readonly (readonly [string, number])[]): string[] =>
      some.map(([flag, number]) => `${flag}: ${number}`).toSorted();
    agree('plan', `${scope.environment}: unmanaged`, shown(Object.entries(scope.unmanaged)), shown(known));
  }
  const codes = plan.guards.filter(({ lifted }) => !lifted).map(({ code }) => code);
  const rewind = expected.rewound && options.rewind ? ['rewind'] : [];
  agree(
    'guards',
    'refusing',
    [...new Set(codes)].toSorted(),
    [...new Set([...expected.guards, ...rewind])].toSorted(),
  );
}

function line(change: {
  readonly id: string;
  readonly action: string;
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly mark: string;
  readonly liveMoved: boolean;
  readonly withheld: string | undefined;
}): string {
  const { id, action, before = 'none', after = 'none', mark, liveMoved, withheld = '' } = change;
  return `${action} ${id} ${before} -> ${after} ${mark}${liveMoved ? ', live moved too' : ''} ${withheld}`.trim();
}

/** What is live may differ from before only in what was to be written. */
export function checkLive(
  what: string,
  live: ReadonlyMap<Id, number>,
  before: ReadonlyMap<Id, number>,
  writes: ReadonlyMap<Id, number | undefined>,
): void {
  for (const id of new Set([...live.keys(), ...before.keys()])) {
    const [is, was] = [live.get(id), before.get(id)];
    if (is === was || (writes.has(id) && writes.get(id) === is)) continue;
    throw new Disagreement('override lost', `${what}: ${id} was ${was ?? 'none'} and is ${is ?? 'none'}`);
  }
}

interface Reported {
  readonly expected: ModelPlan;
  readonly result: ResultJson;
  readonly live: ReadonlyMap<Id, number>;
  readonly before: ReadonlyMap<Id, number>;
  /** Whether another run wrote while this one waited. */
  readonly wasOvertaken: boolean;
  /** Whether a write may have taken effect after the report. */
  readonly mayBeLate: boolean;
}

/** Each outcome must be what really happened. */
export function checkOutcomes({ expected, result, live, wasOvertaken, mayBeLate }: Reported): void {
  const changes = new Map(expected.changes.map((change) => [change.id as string, change]));
  agree('untrue outcome', 'number of outcomes', result.outcomes.length, changes.size);
  const mismatched = new Set(result.verification?.mismatches.map(({ change }) => idOf(change)));
  for (const { change, status, reason } of result.outcomes) {
    const id = idOf(change);
    const model = changes.get(id);
    if (model === undefined)
      throw new Disagreement('untrue outcome', `an outcome for ${id}, which does not change`);
    const is = live.get(model.id);
    const say = `${id}: ${status} (${reason}), before ${model.before ?? 'none'}, after ${model.after ?? 'none'}, live ${is ?? 'none'}`;
    agree('untrue outcome', say, reason === 'withheld', model.withheld !== undefined);
    if (wasOvertaken) continue;
    if (status === 'applied' && is !== model.after) throw new Disagreement('untrue outcome', say);
    if (!mayBeLate && mismatched.has(id) && is === model.after)
      throw new Disagreement('untrue outcome', `mismatch: ${say}`);
    const isNotWritten = status === 'failed' || status === 'skipped' || status === 'approval-required';
    if (isNotWritten && !mayBeLate && is !== model.before) throw new Disagreement('untrue outcome', say);
  }
}

/** The exit code that the outcomes and the truth ask for. */
export function exitCodeOf(
  { result, live, before, wasOvertaken, mayBeLate }: Reported,
  code: number,
  { isBlocked, isLost }: { readonly isBlocked: boolean; readonly isLost: boolean },
): number {
  if (result.interrupted) return 130;
  const hasWritten = [...new Set([...live.keys(), ...before.keys()])].some(
    (id) => live.get(id) !== before.get(id),
  );
  const isWrong =
    result.outcomes.some(
      ({ status, reason }) =>
        status === 'failed' || status === 'unknown' || (status === 'skipped' && reason !== 'withheld'),
    ) ||
    (result.verification?.mismatches.length ?? 0) > 0 ||
    (result.verification?.failure ?? null) !== null;
  if (!isWrong && !isBlocked) return 0;
  const mayHaveWritten = hasWritten || result.outcomes.some(({ status }) => status === 'unknown');
  // What was live before and after does not show who wrote it. A ref that cannot be moved may be the only fault.
  // After a lost answer the request may still arrive, also if the override was looked up and was not live.
  const isUnclear = wasOvertaken || mayBeLate || isLost || (isBlocked && !mayHaveWritten);
  return isUnclear && code === 1 ? 1 : mayHaveWritten || isUnclear ? 3 : 1;
}
