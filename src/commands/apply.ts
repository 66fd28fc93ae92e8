import type { Io } from './io.js';
import type { ApplyOptions } from './options.js';

/** `flagops plan`: shows what apply would change. Gives the exit code. */
export async function apply(_options: ApplyOptions, _io: Io): Promise<number> {
  return 0;
}
