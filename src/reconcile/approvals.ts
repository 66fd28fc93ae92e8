import { createHash } from 'node:crypto';
import { isObject } from '../json/object.js';
import type { ApprovalLink, ApprovalStatus, Change, PlannedApproval } from './plan.js';
import type { ScopeId } from './state.js';
import { canPatch, chunks, type Instruction, instructionsFor, moveFor } from './writes.js';

/** An approval request in LaunchDarkly that was not applied yet. */
export interface OpenApprovalRequest extends ApprovalLink {
  readonly description: string;
  readonly status: ApprovalStatus;
  /** As they were received. */
  readonly instructions: readonly unknown[];
}

/** The changes of one flag, environment and commit, which one approval request asks for. */
export interface ApprovalGroup {
  readonly changes: readonly [Change, ...Change[]];
  readonly instructions: readonly Instruction[];
}

/**
 * Groups changes for approval requests, in the order of their first changes. Changes whose variations LaunchDarkly did
 * not identify are left out: no instruction can select them.
 * @param values the maximum number of context keys in one request
 */
export function approvalGroups(changes: readonly Change[], values: number): readonly ApprovalGroup[] {
  const groups = new Map<string, [Change, ...Change[]]>();
  for (const change of changes) {
    if (!canPatch(change)) continue;
    const { project, environment, flag } = change;
    const key = JSON.stringify([project, environment, flag, originOf(change)]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [change]);
    else group.push(change);
  }
  return [...groups.values()]
    .flatMap((group) => chunks(group, values))
    .map((chunk) => ({ changes: chunk, instructions: instructionsFor(chunk.map(moveFor)) }));
}

function originOf({ provenance }: Change): string {
  return provenance.type === 'commit' ? provenance.commit.id : provenance.type;
}

/** The last line of a description, by which flagops recognises its requests. */
export interface ApprovalMarker {
  /** The name of the configuration. */
  readonly name: string;
  /** Id of the commit behind the changes; undefined if there is none. */
  readonly commit: string | undefined;
  /** SHA-256 of the instructions. */
  readonly instructions: string;
}

const MARKER =
  /(?:^|\s)flagops-request\/1 name=([A-Za-z0-9._-]{1,100}) commit=([0-9a-f]{40,64}|none) instructions=([0-9a-f]{64})\s*$/;

/** LaunchDarkly documents 5,000 characters for a description; the marker and the count of changes need the rest. */
const MAX_COMMENT = 4000;

/**
 * The description of a request: the comment, what it changes, and the marker.
 * @param name of the configuration
 * @param comment as in the audit log, in one line
 */
export function approvalDescription(
  { changes, instructions }: ApprovalGroup,
  name: string,
  comment: string,
): string {
  const [{ flag, environment, provenance }] = changes;
  const points = Array.from(comment);
  const title = points.length > MAX_COMMENT ? `${points.slice(0, MAX_COMMENT - 1).join('')}…` : comment;
  const commit = provenance.type === 'commit' ? provenance.commit.id : 'none';
  const about = `Overrides of ${flag} in ${environment}: ${changes.length}`;
  const hash = fingerprintOfTargets(targetsOf(instructions) ?? new Set());
  return `${title}\n\n${about}\n\nflagops-request/1 name=${name} commit=${commit} instructions=${hash}`;
}

/** Parses the marker at the end of a description; undefined if it has none. Anyone can write one. */
export function approvalMarker(description: string): ApprovalMarker | undefined {
  const [, name, commit, instructions] = MARKER.exec(description) ?? [];
  if (name === undefined || commit === undefined || instructions === undefined) return undefined;
  return { name, commit: commit === 'none' ? undefined : commit, instructions };
}

/**
 * What instructions do, regardless of how they are ordered and split: one text for each context that a variation is
 * added to or removed from. Undefined if there is an instruction that flagops never sends.
 */
function targetsOf(instructions: readonly unknown[]): ReadonlySet<string> | undefined {
  const targets = new Set<string>();
  for (const instruction of instructions) {
    if (!isObject(instruction)) return undefined;
    const { kind, contextKind = 'user', variationId, values } = instruction;
    if (kind !== 'addTargets' && kind !== 'removeTargets') return undefined;
    if (!Array.isArray(values)) return undefined;
    for (const value of values as readonly unknown[]) {
      targets.add(JSON.stringify([kind, contextKind, variationId, value]));
    }
  }
  return targets;
}

function targetsOfChanges(changes: readonly Change[]): ReadonlySet<string> {
  return targetsOf(instructionsFor(changes.map(moveFor))) ?? new Set();
}

function isSubset(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  return [...part].every((target) => whole.has(target));
}

function fingerprintOfTargets(targets: ReadonlySet<string>): string {
  return createHash('sha256')
    .update(JSON.stringify([...targets].toSorted()))
    .digest('hex');
}

/** What a plan wants for one flag in one environment. */
export interface WantedChanges {
  /** The changes that need a request. */
  readonly changes: readonly Change[];
  /** All changes, including those that are withheld. */
  readonly all: readonly Change[];
  /** Whether filters left out changes: then a request that asks for more may still be wanted. */
  readonly isPartial: boolean;
  /** The name of the configuration. */
  readonly name: string;
}

/**
 * Finds the open requests that ask for changes, so that nothing is requested twice. The instructions decide: the marker
 * of a description can be edited in LaunchDarkly, copied and forged. A request that also asks for something that is not
 * wanted covers nothing, and one without a marker only exactly the changes of a commit, unless it was declined: it may
 * not be ours.
 */
export function coveringRequests(
  { changes, all, isPartial, name }: WantedChanges,
  requests: readonly OpenApprovalRequest[],
): ReadonlyMap<Change, OpenApprovalRequest> {
  const covering = new Map<Change, OpenApprovalRequest>();
  if (requests.length === 0) return covering;
  const wanted = targetsOfChanges(all);
  const groups = approvalGroups(changes, Infinity).map((group) => targetsOfChanges(group.changes));
  const moves = changes.filter(canPatch).map((change) => ({ change, targets: targetsOfChanges([change]) }));
  const isDeclined = ({ status }: OpenApprovalRequest): boolean => status === 'declined';
  for (const request of requests.toSorted((a, b) => Number(isDeclined(a)) - Number(isDeclined(b)))) {
    const asked = targetsOf(request.instructions);
    if (asked === undefined || (!isPartial && !isSubset(asked, wanted))) continue;
    const isExact = groups.some((group) => group.size === asked.size && isSubset(group, asked));
    if (!isMarked(request, name) && (isDeclined(request) || !isExact)) continue;
    for (const { change, targets } of moves) {
      if (!covering.has(change) && isSubset(targets, asked)) covering.set(change, request);
    }
  }
  return covering;
}

/**
 * The open requests of one flag in one environment that a plan shows: those that ask for its changes, and those of ours
 * that ask for something else.
 * @param hasCommit whether this repository has a commit: another one may use the same name of the configuration
 */
export function plannedApprovals(
  { project, environment, flag }: ScopeId & { readonly flag: string },
  wanted: WantedChanges,
  requests: readonly OpenApprovalRequest[],
  hasCommit: (id: string) => boolean,
): readonly PlannedApproval[] {
  const covering = new Set(coveringRequests(wanted, requests).values());
  const targets = targetsOfChanges(wanted.all);
  return requests.flatMap((request) => {
    const { id, url, status, instructions, description } = request;
    const isCurrent = covering.has(request) || isSubset(targetsOf(instructions) ?? new Set(), targets);
    const commit = approvalMarker(description)?.commit;
    const isOurs = isMarked(request, wanted.name) && (commit === undefined || hasCommit(commit));
    if (!covering.has(request) && (wanted.isPartial || !isOurs)) return [];
    return { project, environment, flag, id, url, status, current: isCurrent };
  });
}

/** Whether a request has a marker for a configuration. A copied or forged one does not match the instructions. */
function isMarked({ description, instructions }: OpenApprovalRequest, name: string): boolean {
  const marker = approvalMarker(description);
  const targets = targetsOf(instructions);
  return (
    marker !== undefined &&
    targets !== undefined &&
    marker.name === name &&
    marker.instructions === fingerprintOfTargets(targets)
  );
}
