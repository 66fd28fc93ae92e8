import { OperatorError } from '../diagnostics/operator-error.js';
import { isAncestor } from '../history/git/ancestry.js';
import { shortId } from '../reconcile/commit.js';
import { type ScopeId, scopeKey } from '../reconcile/state.js';
import { type Fetching, type GitState, readGitState } from './git-state.js';
import type { PlanningOptions } from './options.js';
import type { PlanningResult } from './prepare.js';
import type { RunTime } from '../launchdarkly/http/run-time.js';
import { isSelectedBy } from './selection.js';

/**
 * Refuses to repair drift while an apply of a commit that HEAD does not contain may be writing. Until it has moved the
 * last-applied ref, what it removes looks like drift from here, and a repair would bring it back.
 * @param now epoch milliseconds
 * @throws OperatorError `newer-attempt`
 */
export async function refuseNewerAttempt(
  { git, attempts }: Pick<GitState, 'git' | 'attempts'>,
  scopes: readonly ScopeId[],
  now: number,
): Promise<void> {
  if (git === undefined) return;
  for (const scope of scopes) {
    for (const { commit, expires } of attempts.get(scopeKey(scope)) ?? []) {
      if (expires <= now || (await isAncestor(git.limited.git, commit, git.head.id))) continue;
      const until = new Date(expires).toISOString().slice(0, 16).replace('T', ' ');
      throw new OperatorError(
        'newer-attempt',
        `a newer commit (${shortId(commit)}) is being applied to ${scopeKey(scope)}, so what it changes cannot be distinguished from drift`,
        { hint: `check out the newest commit; if that apply was killed, wait until ${until} UTC` },
      );
    }
  }
}

/**
 * Reads again, after planning, what other applies have recorded. An apply that started in between may have changed what
 * this plan takes for drift: it records its attempt before it writes, so now that attempt is there, or the ref has moved.
 * @param run the time limit, and epoch milliseconds
 * @throws OperatorError `newer-attempt`; and if the refs cannot be fetched
 */
export async function refuseOvertaken(
  { declared, past, plan }: Pick<PlanningResult, 'declared' | 'past' | 'plan'>,
  { offline, selection }: Pick<PlanningOptions, 'offline' | 'selection'>,
  { limit, now }: { readonly limit: RunTime; readonly now: number },
): Promise<void> {
  const fetching: Fetching = offline ? 'no' : 'required';
  const { host } = new URL(plan.baseUrl);
  const state = await readGitState(declared, host, fetching, limit, isSelectedBy(selection));
  try {
    for (const scope of plan.scopes) {
      const key = scopeKey(scope);
      const applied = state.lastApplied.get(key)?.commit.id;
      if (applied === undefined || applied === past.lastApplied.get(key)?.commit.id) continue;
      throw new OperatorError(
        'newer-attempt',
        `another commit (${shortId(applied)}) was applied to ${key} meanwhile, so what it changed cannot be distinguished from drift`,
        { hint: 'check out the newest commit, and run this again' },
      );
    }
    await refuseNewerAttempt(state, plan.scopes, now);
  } finally {
    state.close();
  }
}
