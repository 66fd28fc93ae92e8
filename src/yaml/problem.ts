import type { YamlCode } from '../diagnostics/codes.js';
import { LIMITS } from './limits.js';

/** Something in a file that is refused, with character offsets instead of lines and columns. */
export interface Problem {
  readonly code: YamlCode;
  readonly offset: number;
  readonly message: string;
  readonly hint?: string | undefined;
  /** Offset of the other place that the message ends with. */
  readonly first?: number;
}

/** Problems up to a limit, so that a file of nothing else does not exhaust the memory; the rest is counted. */
export class Problems {
  readonly kept: Problem[] = [];
  /** How many there are besides. */
  left = 0;

  add(problem: Problem): void {
    if (this.kept.length < LIMITS.problems) this.kept.push(problem);
    else this.left += 1;
  }
}
