import { objectId } from '../world/ids.js';
import { link } from './links.js';
import { notFound } from './errors.js';
import { pathParam, type Route, type RouteRequest, type RouteResponse } from './route.js';

/** The only member of the account, to whom all tokens belong. */
export const MEMBER = {
  _id: objectId('member'),
  email: 'member@example.com',
  firstName: 'A',
  lastName: 'Member',
} as const;

export const memberRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v2/members/{id}',
    handle: getMember,
  },
];

/** `me` is the member to whom the token belongs. */
function getMember(request: RouteRequest): RouteResponse {
  const id = pathParam(request, 'id');
  if (id !== 'me' && id !== MEMBER._id) throw notFound('member', id);
  const { token, now } = request;
  return {
    status: 200,
    body: {
      _links: { self: link('members', MEMBER._id) },
      ...MEMBER,
      role: token.role,
      _pendingInvite: false,
      _verified: true,
      customRoles: [],
      mfa: 'disabled',
      _lastSeen: now(),
      creationDate: Date.UTC(2024, 0, 1),
    },
  };
}
