import { OperatorError } from '../../diagnostics/operator-error.js';

/** Which of the operations that LaunchDarkly may have removed are still served. */
export interface Served {
  /** `/api/v2/users/...`: reading and setting a user's flags. */
  readonly users: boolean;
}

/**
 * Reads from JSON what is to be served from now on, for example `{"users": false}`.
 * @throws OperatorError `bad-routes`
 */
export function readServed(value: unknown): Served {
  if (typeof value === 'object' && value !== null && Object.keys(value).join() === 'users') {
    const [users]: unknown[] = Object.values(value);
    if (typeof users === 'boolean') return { users };
  }
  throw new OperatorError('bad-routes', 'routes must be an object that says whether users are served', {
    hint: 'write {"users": true} or {"users": false}',
  });
}
