import { shortId } from '../commit.js';
import type { Commit } from '../state.js';
import { type Checked, type GuardRefusal, refusal, refusalsOf } from './refusal.js';
import type { HistoryGuardCode } from './table.js';

/**
 * Refuses a plan that would undo what was applied after HEAD. `--force` does not lift it.
 * @param rewound last-applied commits that HEAD does not contain
 * @param allowed whether `--allow-rewind` was given
 */
export function guardHistory(rewound: readonly Commit[], allowed: boolean): GuardRefusal[] {
  const [commit] = rewound;
  if (commit === undefined) return [];
  const message = `HEAD does not contain ${shortId(commit.id)}, which was last applied`;
  const checked: Checked<HistoryGuardCode> = {
    rewind: [refusal('rewind', message, new Set(allowed ? ['allow-rewind'] : []))],
  };
  return refusalsOf(checked);
}
