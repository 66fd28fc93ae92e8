import { objectId } from '../world/ids.js';
import type { RouteRequest, Route } from './route.js';

export const identityRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v2/caller-identity',
    handle: ({ token }: RouteRequest) => ({
      status: 200,
      body: {
        accountId: objectId('account'),
        authKind: 'token',
        tokenKind: 'auth',
        tokenName: token.name,
        tokenId: token.id,
        memberId: objectId('member'),
        serviceToken: true,
        scopes: [],
      },
    }),
  },
];
