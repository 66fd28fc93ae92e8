import type { YAMLError } from 'yaml';
import { LIMITS } from './limits.js';

/** A syntax error as the parser reports it. */
export interface SyntaxFault {
  readonly code: YAMLError['code'];
  readonly offset: number;
  readonly message: string;
  /** The thing that the parser points at: the type of a token, or `node`; undefined if it is just an offset. */
  readonly about: string | undefined;
  readonly isWarning: boolean;
}

/** Stops parsing a file in which nearly everything is wrong. */
export class TooManyFaults extends Error {
  override readonly name = 'TooManyFaults';
  readonly offset: number;

  constructor(offset: number) {
    super('too many faults');
    this.offset = offset;
  }
}

/** Collects syntax errors up to a limit. */
export class FaultLog {
  readonly faults: SyntaxFault[] = [];

  /** @throws TooManyFaults beyond the limit */
  add(fault: SyntaxFault): void {
    if (this.faults.length >= LIMITS.problems) throw new TooManyFaults(fault.offset);
    this.faults.push(fault);
  }
}
