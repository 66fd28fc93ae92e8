import type { Statistics } from '../model/support/statistics.js';

/** The part of a soak that one process does. */
export interface Work {
  readonly seed: number;
  /** Which of the processes this is, from 0, and how many there are. */
  readonly job: number;
  readonly jobs: number;
  readonly histories: number;
  readonly kills: number;
  readonly badInputs: number;
}

/** What a process sends while it works. */
export type Message =
  | { readonly type: 'counts'; readonly counts: Statistics['counts'] }
  | { readonly type: 'failure'; readonly text: string };
