import { LIMITS } from './limits.js';

/** Something that the parser did not understand, in its own words. */
export interface SyntaxFault {
  readonly code: string;
  readonly offset: number;
  readonly message: string;
  readonly isWarning: boolean;
}

/** Ends the reading of a file in which nearly everything is wrong. */
export class TooManyFaults extends Error {
  override readonly name = 'TooManyFaults';
  readonly offset: number;

  constructor(offset: number) {
    super('too many faults');
    this.offset = offset;
  }
}

/** What the parser did not understand. */
export class FaultLog {
  readonly faults: SyntaxFault[] = [];

  /** @throws TooManyFaults beyond the limit */
  add(fault: SyntaxFault): void {
    if (this.faults.length >= LIMITS.problems) throw new TooManyFaults(fault.offset);
    this.faults.push(fault);
  }
}
