import type { Io } from './io.js';
import type { PlanOptions } from './options.js';

/** `flagops plan`: shows what apply would change. Gives the exit code. */
export async function plan(_options: PlanOptions, _io: Io): Promise<number> {
  return 0;
}
