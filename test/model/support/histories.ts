import * as fc from 'fast-check';
import { Disagreement } from './disagreement.js';
import { play } from './history.js';
import { installClock, JumpingClock } from './program.js';
import { Statistics } from './statistics.js';
import { history, type Step } from './steps.js';
import { START } from './world.js';

/** How often a history that fails is tried again with fewer steps. */
const SHRINKS = 60;

/** What some histories found. */
export interface HistoriesResult {
  readonly counts: Readonly<Record<string, number>>;
  /** One text for each history that failed, with a seed and the smallest steps that fail in the same way. */
  readonly failures: readonly string[];
}

/**
 * Plays histories, each from its own seed: `first`, `first + step`, and so on.
 * @param shrunk how many failures are made smaller; that takes longer than many histories
 */
export async function playHistories(
  {
    first,
    step,
    count,
    shrunk,
  }: { readonly first: number; readonly step: number; readonly count: number; readonly shrunk: number },
  onFailure: (text: string) => void = () => undefined,
): Promise<HistoriesResult> {
  const statistics = new Statistics();
  const failures: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const seed = first + index * step;
    const [steps = []] = fc.sample(history, { seed, numRuns: 1 });
    const failure = await failureOf(steps, statistics);
    statistics.count('histories');
    if (failure === undefined) continue;
    statistics.count(`disagreement ${failure.kind}`);
    const text =
      failures.length < shrunk ? await smallest(seed, failure.kind) : `seed ${seed}: ${failure.message}`;
    failures.push(text);
    onFailure(text);
  }
  return { counts: statistics.counts, failures };
}

async function failureOf(
  steps: readonly Step[],
  statistics: Statistics,
): Promise<{ readonly kind: string; readonly message: string } | undefined> {
  const clock = new JumpingClock(START);
  const restore = installClock(clock);
  try {
    await play(steps, clock, statistics);
    return undefined;
  } catch (error) {
    if (error instanceof Disagreement) return { kind: error.kind, message: error.message };
    return {
      kind: 'crash',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  } finally {
    restore();
  }
}

async function smallest(seed: number, kind: string): Promise<string> {
  let runs = 0;
  let best: { readonly steps: readonly Step[]; readonly message: string } | undefined;
  await fc.check(
    fc.asyncProperty(history, async (steps) => {
      runs += 1;
      if (runs > SHRINKS) return;
      const failure = await failureOf(steps, new Statistics());
      if (failure?.kind !== kind) return;
      best = { steps, message: failure.message };
      throw new Error(failure.message);
    }),
    { seed, numRuns: 1 },
  );
  const steps = best?.steps.map((step) => `    ${JSON.stringify(step)}`).join('\n') ?? '    (not reproduced)';
  return `seed ${seed}: ${best?.message ?? kind}\n  steps:\n${steps}`;
}
