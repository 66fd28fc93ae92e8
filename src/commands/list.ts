import { didYouMean } from '../diagnostics/nearest.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { connect } from '../launchdarkly/connect.js';
import type { PlanningOptions } from '../planning/options.js';
import { prepare } from '../planning/prepare.js';
import { checkGlobs, nameFilter, overrideFilter, unmatchedGlobs } from '../reconcile/filter.js';
import { type ListedOverride, listOverrides, questionsForList } from '../reconcile/list.js';
import { LIST_FORMATS, type ListFormat } from '../report/list/list.js';
import type { Io } from '../terminal/io.js';
import { withoutToken } from '../terminal/masked.js';
import { openProgress } from '../terminal/progress.js';
import { textOptions } from '../terminal/view.js';

/** Which overrides a list contains, besides the filters for scopes, flags and contexts. */
export interface ListSelection {
  /** Globs; an empty list selects all. */
  readonly owners: readonly string[];
  /** If one of the next four is given, only overrides to which one of them applies are listed. */
  readonly unmanaged: boolean;
  readonly expired: boolean;
  /** Milliseconds: expires within this time, and has not expired yet. */
  readonly expiring: number | undefined;
  readonly noEffect: boolean;
}

export interface ListOptions extends Omit<PlanningOptions, 'format'>, ListSelection {
  readonly format: ListFormat;
}

/**
 * `flagops list`: shows every override that is live or declared. Only sends GET requests. Returns the exit code.
 * @throws OperatorError, DeclarationsInvalid
 */
export async function list(options: ListOptions, unmasked: Io): Promise<ExitCode> {
  const io = withoutToken(unmasked, options.token);
  checkGlobs('--owner', options.owners, 'key');
  const isListed = overrideFilter(options.filter);
  const { plan, scopes, answers } = await prepare({ ...options, format: 'text' }, io, {
    connect,
    onWait: openProgress(io).wait,
    fetching: 'if possible',
    everyFlag: true,
    anyScope: 'list',
    alsoAsk: (compared) => compared.flatMap((scope) => questionsForList(scope, isListed)),
  });
  const all = listOverrides(scopes, plan, isListed, answers);
  checkOwners(options.owners, all);
  const overrides = all.filter(selection(options, io.now()));
  const render = await LIST_FORMATS[options.format]();
  io.stdout(
    render(
      { baseUrl: plan.baseUrl, head: plan.head, overrides, warnings: plan.warnings },
      textOptions(io, 'stdout'),
    ),
  );
  return EXIT.done;
}

/** @param now epoch milliseconds */
function selection(
  { owners, unmanaged, expired, expiring, noEffect }: ListSelection,
  now: number,
): (override: ListedOverride) => boolean {
  const isOwner = nameFilter(owners);
  const isAny = !unmanaged && !expired && expiring === undefined && !noEffect;
  return ({ owner, mark, expires, noEffect: why }) => {
    if (owners.length > 0 && (owner === undefined || !isOwner(owner))) return false;
    if (isAny || (unmanaged && mark === 'unmanaged') || (noEffect && why !== undefined)) return true;
    if (expires === undefined) return false;
    return expires.at <= now ? expired : expiring !== undefined && expires.at <= now + expiring;
  };
}

/** A name that matches nothing is a typo: an empty list would hide it. */
function checkOwners(owners: readonly string[], overrides: readonly ListedOverride[]): void {
  const known = new Set(overrides.flatMap(({ owner }) => owner ?? []));
  const [unknown] = unmatchedGlobs(owners, known);
  if (unknown === undefined) return;
  const some = [...known].toSorted().slice(0, 10).join(', ');
  throw new OperatorError('filter-unknown', `--owner ${unknown} matches no known owner`, {
    hint: didYouMean(unknown, known) ?? (known.size === 0 ? 'no declaration has an owner' : `known: ${some}`),
  });
}
