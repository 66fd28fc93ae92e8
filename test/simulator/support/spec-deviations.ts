/** A way in which the simulator deviates from LaunchDarkly's OpenAPI document. */
export interface SpecDeviation {
  /** Method and path template, or `*` for every operation. */
  readonly operation: string;
  readonly status: number;
  readonly problem: 'unknown status' | 'request body' | 'response body';
  readonly why: string;
}

const USER_PUT = 'PUT /api/v2/users/{projectKey}/{environmentKey}/{userKey}/flags/{featureFlagKey}';
const CONTEXT_PUT =
  'PUT /api/v2/projects/{projectKey}/environments/{environmentKey}/contexts/{contextKind}/{contextKey}/flags/{featureFlagKey}';

/** The operations that LaunchDarkly may have removed, with the undocumented refusals of each. */
const USERS: readonly { readonly operation: string; readonly statuses: readonly number[] }[] = [
  { operation: USER_PUT, statuses: [406, 410] },
  { operation: USER_PUT.replace('PUT', 'GET'), statuses: [405, 406, 410] },
  {
    operation: 'GET /api/v2/users/{projectKey}/{environmentKey}/{userKey}/flags',
    statuses: [405, 406, 410],
  },
  {
    operation: 'GET /api/v2/users/{projectKey}/{userKey}/expiring-user-targets/{environmentKey}',
    statuses: [400, 405, 406, 410],
  },
  {
    operation: 'PATCH /api/v2/users/{projectKey}/{userKey}/expiring-user-targets/{environmentKey}',
    statuses: [405, 406, 410],
  },
];

const APPROVALS =
  '/api/v2/projects/{projectKey}/flags/{featureFlagKey}/environments/{environmentKey}/approval-requests';

/** The operations whose documentation has no conflicts with other writes. */
const WITHOUT_CONFLICT = [
  'PATCH /api/v2/flags/{projectKey}/{featureFlagKey}/expiring-targets/{environmentKey}',
  'PATCH /api/v2/flags/{projectKey}/{featureFlagKey}/expiring-user-targets/{environmentKey}',
  'PATCH /api/v2/users/{projectKey}/{userKey}/expiring-user-targets/{environmentKey}',
  `POST ${APPROVALS}`,
  `DELETE ${APPROVALS}/{id}`,
  `POST ${APPROVALS}/{id}/reviews`,
  `POST ${APPROVALS}/{id}/apply`,
  'DELETE /api/v2/projects/{projectKey}',
  'DELETE /api/v2/projects/{projectKey}/environments/{environmentKey}',
];

/**
 * Every response of the simulator that is not documented. A test tries each operation in many edge cases and compares
 * the result with this list, in both directions.
 */
export const specDeviations: readonly SpecDeviation[] = [
  {
    operation: USER_PUT,
    status: 409,
    problem: 'unknown status',
    why: 'The document has this status for the context PUT, and both PUTs write the same targets.',
  },
  {
    operation: USER_PUT,
    status: 405,
    problem: 'unknown status',
    why: 'The response of a PUT if approvals are required is not documented; the flag PATCH answers 405.',
  },
  {
    operation: CONTEXT_PUT,
    status: 405,
    problem: 'unknown status',
    why: 'The response of a PUT if approvals are required is not documented; the flag PATCH answers 405.',
  },
  {
    operation: 'PATCH /api/v2/flags/{projectKey}/{featureFlagKey}',
    status: 200,
    problem: 'request body',
    why: 'The document has a schema for JSON patches only; it describes semantic patches in prose.',
  },
  {
    operation: 'POST /api/v2/flags/{projectKey}',
    status: 404,
    problem: 'unknown status',
    why: 'The document does not mention unknown projects; every other operation of a project answers 404.',
  },
  ...WITHOUT_CONFLICT.map((operation): SpecDeviation => ({
    operation,
    status: 409,
    problem: 'unknown status',
    why: 'A conflict with another write is not documented here, but clients must handle it. Only if a fault is planned.',
  })),
  {
    operation: `POST ${APPROVALS}`,
    status: 404,
    problem: 'unknown status',
    why: 'The document does not mention unknown flags; the other operations of approval requests answer 404.',
  },
  ...[500, 502, 503].map((status): SpecDeviation => ({
    operation: '*',
    status,
    problem: 'unknown status',
    why: 'Servers and gateways can fail, and clients must handle it. Only if a fault is planned.',
  })),
  ...USERS.flatMap(({ operation, statuses }) =>
    statuses.map((status): SpecDeviation => ({
      operation,
      status,
      problem: 'unknown status',
      why: 'How a removed operation is refused is not documented. Only if a fault is planned.',
    })),
  ),
  ...[200, 201].map((status): SpecDeviation => ({
    operation: '*',
    status,
    problem: 'response body',
    why: 'A truncated body is not JSON. Only if a fault is planned.',
  })),
  {
    operation: '*',
    status: 403,
    problem: 'unknown status',
    why: 'The simulator is for this machine only: other names in Host and pages of other origins are refused.',
  },
  {
    operation: '*',
    status: 403,
    problem: 'response body',
    why: 'LaunchDarkly’s own command-line client shows that a denied action has the fields reason and access.',
  },
  {
    operation: '*',
    status: 413,
    problem: 'unknown status',
    why: 'A body that is larger than any that flagops sends is not read.',
  },
  {
    operation: 'GET /api/v2/projects/{projectKey}/context-kinds',
    status: 429,
    problem: 'unknown status',
    why: 'According to the document’s chapter on rate limits, every authenticated request counts.',
  },
];
