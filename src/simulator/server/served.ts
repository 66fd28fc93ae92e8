import { OperatorError } from '../../diagnostics/operator-error.js';

/** The deprecated operations that are served; the others are answered like unknown paths. */
export interface Served {
  /** `/api/v2/users/...`: reading and setting a user's flags. */
  readonly users: boolean;
}

/**
 * Parses the operations to serve from JSON, for example `{"users": false}`.
 * @throws OperatorError `bad-routes`
 */
export function parseServed(value: unknown): Served {
  if (typeof value === 'object' && value !== null && Object.keys(value).join() === 'users') {
    const [users]: unknown[] = Object.values(value);
    if (typeof users === 'boolean') return { users };
  }
  throw new OperatorError('bad-routes', 'routes must be an object with the boolean users', {
    hint: 'write {"users": true} or {"users": false}',
  });
}
