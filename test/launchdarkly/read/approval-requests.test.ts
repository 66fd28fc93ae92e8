import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/launchdarkly/connect.js';
import type { OpenApprovalRequest } from '../../../src/reconcile/approvals.js';
import { atEndOfFile } from '../../support/end-of-file.js';
import { json, options, startServer } from '../server.js';

const SCOPE = { project: 'shop', environment: 'production' };
const PATH = '/api/v2/projects/shop/flags/theme/environments/production/approval-requests';
const REQUEST = {
  _id: 'r1',
  description: 'Dark theme',
  status: 'pending',
  reviewStatus: 'pending',
  instructions: [{ kind: 'turnFlagOn' }],
};

/** Lists the requests of the flag `theme` from a server that responds with these items. */
async function list(
  items: unknown,
): Promise<{ readonly url: string; readonly found: readonly OpenApprovalRequest[] }> {
  const server = await startServer((_, response) => json(response, 200, { items }));
  atEndOfFile(() => server.stop());
  const found = await connect(options(server.url)).listApprovalRequests(SCOPE, 'theme');
  expect(server.seen).toEqual([`GET ${PATH}`]);
  return { url: server.url, found };
}

describe('the approval requests of a flag', () => {
  it.each([
    [{}, ['pending']],
    [{ reviewStatus: 'approved' }, ['approved']],
    [{ reviewStatus: 'declined' }, ['declined']],
    [{ reviewStatus: 'something new' }, ['pending']],
    [{ status: 'scheduled', reviewStatus: 'approved' }, ['scheduled']],
    [{ status: 'completed', reviewStatus: 'approved' }, []],
    [{ status: 'failed', reviewStatus: 'approved' }, []],
  ])('with %j have the status %j, and only open ones are listed', async (fields, statuses) => {
    const { found } = await list([{ ...REQUEST, ...fields }]);
    expect(found.map(({ status }) => status)).toEqual(statuses);
  });

  it.each([
    [undefined, `${PATH}/r1`],
    [{ self: { href: '/api/v2/self' } }, '/api/v2/self'],
    [{ self: { href: '/api/v2/self' }, site: { href: '/shop/approvals/r1' } }, '/shop/approvals/r1'],
    [{ site: { href: 'https://evil.example/' } }, `${PATH}/r1`],
    [{ site: { href: 'javascript:alert(1)' } }, `${PATH}/r1`],
    [{ site: { href: '/a)[b](/c' } }, `${PATH}/r1`],
    [{ site: { href: 7 }, self: 'x' }, `${PATH}/r1`],
  ])('with the links %j are linked as %s, and never to another host', async (links, expected) => {
    const { url, found } = await list([{ ...REQUEST, _links: links }]);
    expect(found.map((request) => request.url)).toEqual([`${url}${expected}`]);
  });

  it('keep their instructions as they are, and may have no description', async () => {
    const { found } = await list([{ ...REQUEST, description: undefined }]);
    expect(found).toMatchObject([{ id: 'r1', description: '', instructions: REQUEST.instructions }]);
  });

  it.each([[undefined], [[7]], [[{ ...REQUEST, _id: undefined }]], [[{ ...REQUEST, instructions: {} }]]])(
    'are an unexpected answer if they are %j',
    async (items) => {
      await expect(list(items)).rejects.toMatchObject({ code: 'unexpected-answer' });
    },
  );
});
