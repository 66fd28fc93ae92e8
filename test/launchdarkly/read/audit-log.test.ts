import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/launchdarkly/connect.js';
import type { FlagReader } from '../../../src/launchdarkly/client.js';
import { atEndOfFile } from '../../support/end-of-file.js';
import { json, options, startServer, type TestServer } from '../server.js';

const SCOPE = { project: 'shop', environment: 'production' };
const ENTRY = {
  _id: 'e1',
  date: 1_700_000_000_000,
  accesses: [{ action: 'updateTargets', resource: 'proj/shop:env/production:flag/theme' }],
  description: 'Changed',
};

async function serve(status: number, body: unknown): Promise<{ server: TestServer; reader: FlagReader }> {
  const server = await startServer((_, response) => json(response, status, body));
  atEndOfFile(() => server.stop());
  return { server, reader: connect(options(server.url)) };
}

const ALL = { after: 5, before: undefined };

describe('the audit log of a flag', () => {
  it.each([
    [{ member: { firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.com' } }, 'Ada Lovelace'],
    [{ member: { email: 'ada@example.com' } }, 'ada@example.com'],
    [{ member: { firstName: 'Ada' }, token: { name: 'CI' } }, 'Ada with the token CI'],
    [{ token: { name: 'CI' }, subject: { name: 'x' } }, 'the token CI'],
    [{ app: { name: 'Slack' } }, 'the application Slack'],
    [{ subject: { name: 'LaunchDarkly' } }, 'LaunchDarkly'],
    [{ member: { firstName: 7 }, token: 'x', app: null }, 'an unknown author'],
    [{ subject: { name: `a\nb\u202ec${'d'.repeat(200)}` } }, `a b c${'d'.repeat(112)}...`],
  ])('the author of an entry with %j is %s', async (fields, by) => {
    const { reader } = await serve(200, { items: [{ ...ENTRY, ...fields }] });
    expect(await reader.listLoggedChanges(SCOPE, 'theme', ALL)).toMatchObject([
      { id: 'e1', by, ofTargets: true },
    ]);
  });

  it('an entry has whole milliseconds, valid Unicode, and no text about its author', async () => {
    const { reader } = await serve(200, {
      items: [
        {
          ...ENTRY,
          date: 1.5,
          comment: 'a\ud800',
          subject: { name: 'b\ud800' },
          title: '[Ada](mailto:ada@example.com) updated the targets of Theme',
        },
      ],
    });
    const [entry] = (await reader.listLoggedChanges(SCOPE, 'theme', ALL)) ?? [];
    expect(entry).toMatchObject({ date: 1, comment: 'a\ufffd', by: 'b\ufffd', text: 'Changed\n' });
  });

  it('the request for entries names the flag and the period', async () => {
    const { server, reader } = await serve(200, { items: [] });
    await reader.listLoggedChanges(SCOPE, 'theme', ALL);
    await reader.listLoggedChanges(SCOPE, 'theme', { after: 5, before: 9 });
    const query = 'spec=proj%2Fshop%3Aenv%2Fproduction%3Aflag%2Ftheme&limit=20&after=5';
    expect(server.seen).toEqual([`GET /api/v2/auditlog?${query}`, `GET /api/v2/auditlog?${query}&before=9`]);
  });

  it.each([
    [401, {}],
    [403, { code: 'forbidden', message: 'no' }],
    [404, {}],
    [429, {}],
    [503, {}],
    [200, {}],
    [200, { items: [7] }],
    [200, { items: [{ ...ENTRY, _id: undefined }] }],
    [200, { items: [{ ...ENTRY, date: 1e300 }] }],
  ])(
    'a response with status %i and the body %j means that nothing is known, after one request',
    async (status, body) => {
      const { server, reader } = await serve(status, body);
      expect(await reader.listLoggedChanges(SCOPE, 'theme', ALL)).toBeUndefined();
      expect(server.seen).toHaveLength(1);
    },
  );

  it('reading the audit log throws once the run is interrupted', async () => {
    const server = await startServer((_, response) => json(response, 200, { items: [] }));
    atEndOfFile(() => server.stop());
    const interruption = new AbortController();
    const reader = connect(options(server.url, { signal: interruption.signal }));
    interruption.abort();
    await expect(reader.listLoggedChanges(SCOPE, 'theme', ALL)).rejects.toMatchObject({
      code: 'interrupted',
    });
  });
});

describe('the targets in an audit log entry', () => {
  const version = (targets: object): object => ({ environments: { production: { targets: [targets] } } });

  it('the targets before and after are read for one environment', async () => {
    const { server, reader } = await serve(200, {
      ...ENTRY,
      previousVersion: version({ values: ['a', 'b'], variation: 0 }),
      currentVersion: version({ values: ['a'], variation: 3, contextKind: 'device' }),
    });
    expect(await reader.getLoggedTargets('e/1', 'production')).toEqual({
      before: new Map([
        ['user\na', 0],
        ['user\nb', 0],
      ]),
      after: new Map([['device\na', 3]]),
    });
    expect(await reader.getLoggedTargets('e/1', 'staging')).toBeUndefined();
    expect(await reader.getLoggedTargets('e/1', 'constructor')).toBeUndefined();
    expect(server.seen[0]).toBe('GET /api/v2/auditlog/e%2F1');
  });

  it.each([
    [{ ...ENTRY }],
    [{ ...ENTRY, previousVersion: null, currentVersion: {} }],
    [{ ...ENTRY, previousVersion: version({ values: 7 }), currentVersion: version({ values: [] }) }],
  ])('the targets in %j are not known', async (body) => {
    const { reader } = await serve(200, body);
    expect(await reader.getLoggedTargets('e1', 'production')).toBeUndefined();
  });
});
