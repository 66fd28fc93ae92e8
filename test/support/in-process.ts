import type { Io } from '../../src/terminal/io.js';
import type { PlanOptions } from '../../src/planning/options.js';
import { runPlan } from '../../src/commands/plan.js';
import type { ScopeSelection } from '../../src/planning/selection.js';
import type { ChangeFilter } from '../../src/reconcile/filter.js';
import type { Plan } from '../../src/reconcile/plan.js';
import type { World } from './world.js';

/** Plans in this process and drops all output, for tests that need many plans. */
export async function planInProcess(
  world: World,
  { projects = [], environments = [], flags = [], contexts = [] }: Partial<ScopeSelection & ChangeFilter>,
): Promise<Plan> {
  const io: Io = {
    cwd: world.repo.path,
    stdout: () => undefined,
    stderr: () => undefined,
    color: { stdout: false, stderr: false },
    columns: { stdout: undefined, stderr: undefined },
    interactive: false,
    progress: undefined,
    now: Date.now,
    signal: new AbortController().signal,
    ask: () => Promise.resolve(''),
  };
  const options: PlanOptions = {
    token: 'api-writer',
    baseUrl: world.url,
    config: undefined,
    format: 'text',
    selection: { projects, environments },
    filter: { flags, contexts },
    noRemovals: false,
    force: false,
    allowLoosened: false,
    allowRewind: false,
    allowEmpty: false,
    offline: true,
    detailedExitcode: false,
  };
  return (await runPlan(options, io)).planning.plan;
}
