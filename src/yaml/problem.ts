import type { YamlCode } from '../diagnostics/codes.js';
import { LIMITS } from './limits.js';

/** A problem in a file, with character offsets instead of lines and columns. */
export interface Problem {
  readonly code: YamlCode;
  readonly offset: number;
  readonly message: string;
  readonly hint?: string | undefined;
  /** Offset of another place; its line is appended to the message. */
  readonly first?: number;
}

/** Problems up to a limit, so that a file full of them does not exhaust the memory; the others are only counted. */
export class Problems {
  readonly kept: Problem[] = [];
  /** How many were not kept. */
  dropped = 0;

  add(problem: Problem): void {
    if (this.kept.length < LIMITS.problems) this.kept.push(problem);
    else this.dropped += 1;
  }
}
