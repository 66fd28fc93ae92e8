import { isObject, type JsonObject } from '../../json/object.js';
import { APPROVAL_INSTRUCTIONS } from '../patch/approval-instructions.js';
import { parseSteps } from '../patch/steps.js';
import type { ApprovalRequest, Review } from '../world/approvals.js';
import { objectId } from '../world/ids.js';
import { applyRequest, record, review, type PlacedRequest } from './approval-actions.js';
import { conflictsNow, requestsOf } from './approval-conflicts.js';
import { invalid, notFound } from './errors.js';
import { flagPlace } from './flag-place.js';
import { link } from './links.js';
import { optionalString } from './optional-string.js';
import { checkActions } from './permissions.js';
import { approvalsPath, representApproval } from './represent-approval.js';
import { pathParam, type RouteResponse, type RouteRequest, type Route } from './route.js';
import { instructionList } from './semantic-patch.js';

const PATH =
  '/api/v2/projects/{projectKey}/flags/{featureFlagKey}/environments/{environmentKey}/approval-requests';

/** The approval requests of a flag in one environment. */
export const approvalRoutes: readonly Route[] = [
  { method: 'GET', path: PATH, handle: listRequests },
  { method: 'POST', path: PATH, handle: createRequest },
  { method: 'GET', path: `${PATH}/{id}`, handle: (request) => response(request, placedRequest(request)) },
  { method: 'DELETE', path: `${PATH}/{id}`, handle: deleteRequest },
  { method: 'POST', path: `${PATH}/{id}/reviews`, handle: postReview },
  { method: 'POST', path: `${PATH}/{id}/apply`, handle: postApply },
];

/** Fields of the API document that are not simulated. They are refused, since ignoring them would mislead a client. */
const NOT_SIMULATED = ['executionDate', 'operatingOnId', 'integrationConfig'];
const MOST_REVIEWERS = 10;
/** Documented for changes of the description. */
const LONGEST_DESCRIPTION = 5000;

/** Newest first. */
function listRequests(request: RouteRequest): RouteResponse {
  const place = flagPlace(request);
  const items = requestsOf(request.world, place)
    .map((one) => representApproval(place, one, request.now()))
    .toReversed();
  return { status: 200, body: { items, _links: { self: link(...approvalsPath(place)) } } };
}

async function createRequest(request: RouteRequest): Promise<RouteResponse> {
  flagPlace(request);
  checkActions(request.token, ['createApprovalRequest']);
  const body = bodyOf(request);
  const refused = NOT_SIMULATED.find((field) => body[field] !== undefined);
  if (refused !== undefined) throw invalid(`${refused} is not simulated`);
  const description = optionalString(body, 'description') ?? '';
  if (description === '' || description.length > LONGEST_DESCRIPTION) {
    throw invalid(`description must have 1 to ${LONGEST_DESCRIPTION} characters`);
  }
  const notifyMemberIds = stringList(body, 'notifyMemberIds');
  const notifyTeamKeys = stringList(body, 'notifyTeamKeys');
  if (notifyMemberIds.length + notifyTeamKeys.length > MOST_REVIEWERS) {
    throw invalid(`at most ${MOST_REVIEWERS} members and teams can be notified`);
  }
  const instructions = instructionList(body);
  parseSteps(instructions, APPROVAL_INSTRUCTIONS);
  const { world, token } = request;
  // A write takes some time, in which the flag can be deleted. So it is looked up again, as in the writes below.
  return request.writer.run(() => {
    const place = flagPlace(request);
    const [conflict] = conflictsNow(place, { instructions }, request.now());
    if (conflict) throw invalid(conflict.reason);
    const { project, flag, environment } = place;
    const added: ApprovalRequest = {
      id: objectId('approval-request', project.key, flag.key, environment.key, String(world.audit.length)),
      project: project.key,
      flag: flag.key,
      environment: environment.key,
      creationDate: request.now(),
      description,
      comment: optionalString(body, 'comment'),
      instructions,
      notifyMemberIds,
      notifyTeamKeys,
      requestorTokenId: token.id,
      reviews: [],
      status: 'pending',
      version: 1,
      appliedDate: undefined,
      appliedByTokenId: undefined,
    };
    world.approvals.set(added.id, added);
    const what = `Requested approval: ${description}`;
    record(world, place, token, added.comment, 'createApprovalRequest', what);
    return { status: 201, body: representApproval(place, added, request.now()) };
  });
}

async function deleteRequest(request: RouteRequest): Promise<RouteResponse> {
  placedRequest(request);
  checkActions(request.token, ['deleteApprovalRequest']);
  await request.writer.run(() => {
    const placed = placedRequest(request);
    request.world.approvals.delete(placed.request.id);
    const what = 'Deleted an approval request';
    record(request.world, placed, request.token, undefined, 'deleteApprovalRequest', what);
  });
  return { status: 204 };
}

async function postReview(request: RouteRequest): Promise<RouteResponse> {
  placedRequest(request);
  checkActions(request.token, ['reviewApprovalRequest']);
  const body = bodyOf(request);
  const kind = reviewKind(body);
  const comment = optionalString(body, 'comment');
  return request.writer.run(() => {
    const placed = placedRequest(request);
    review(request.world, placed, { kind, comment, actor: request.token });
    return response(request, placed);
  });
}

async function postApply(request: RouteRequest): Promise<RouteResponse> {
  placedRequest(request);
  checkActions(request.token, ['applyApprovalRequest']);
  const comment = optionalString(bodyOf(request), 'comment');
  return request.writer.run(() => {
    const placed = placedRequest(request);
    applyRequest(request.world, placed, { comment, actor: request.token });
    return response(request, placed);
  });
}

function reviewKind({ kind }: JsonObject): Review['kind'] {
  if (kind === 'approve' || kind === 'decline' || kind === 'comment') return kind;
  throw invalid('kind must be approve, decline or comment');
}

function placedRequest(request: RouteRequest): PlacedRequest {
  const place = flagPlace(request);
  const id = pathParam(request, 'id');
  const found = requestsOf(request.world, place).find((one) => one.id === id);
  if (!found) throw notFound('approval request', id);
  return { ...place, request: found };
}

function response(request: RouteRequest, placed: PlacedRequest): RouteResponse {
  return { status: 200, body: representApproval(placed, placed.request, request.now()) };
}

function bodyOf({ body }: RouteRequest): JsonObject {
  if (!isObject(body)) throw invalid('the body must be a JSON object');
  return body;
}

function stringList(body: JsonObject, name: string): readonly string[] {
  const value = body[name] ?? [];
  if (!Array.isArray(value)) throw invalid(`${name} must be a list`);
  return value.map((one: unknown) => {
    if (typeof one !== 'string') throw invalid(`each of ${name} must be a string`);
    return one;
  });
}
