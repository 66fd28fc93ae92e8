import { describe, expect, test } from 'vitest';
import { resourceMatcher } from '../../src/simulator/api/resource-matcher.js';
import { simulators } from './support/running.js';

const start = simulators();

interface Log {
  readonly items: readonly { readonly _id: string; readonly date: number; readonly comment?: string }[];
  readonly _links: Readonly<Record<string, { readonly href: string }>>;
}

async function filled(): ReturnType<typeof start> {
  const running = await start();
  for (let index = 0; index < 12; index += 1) {
    const environment = index % 2 === 0 ? 'production' : 'staging';
    await running.call('PUT', `/api/v2/users/storefront/${environment}/u${index}/flags/theme`, {
      body: { setting: 'dark', comment: `comment ${index}` },
    });
  }
  await running.call('PUT', '/api/v2/users/storefront/production/u/flags/search-limit', {
    body: { setting: 10, comment: 'the limit' },
  });
  return running;
}

test('the audit log lists actor, action, flag and comment, newest first, ten entries per page', async () => {
  const { call } = await filled();
  const log: Log = JSON.parse(JSON.stringify((await call('GET', '/api/v2/auditlog')).body));
  expect(log.items).toHaveLength(10);
  expect(log.items[0]).toMatchObject({
    kind: 'flag',
    name: 'Results per page of the search',
    comment: 'the limit',
    token: { name: 'Writer' },
    accesses: [{ action: 'updateTargets', resource: 'proj/storefront:env/production:flag/search-limit' }],
  });
  const next = (await call('GET', log._links['next']?.href ?? '')).body;
  expect(next).toMatchObject({
    items: [{ comment: 'comment 2' }, { comment: 'comment 1' }, { comment: 'comment 0' }],
  });
  expect(next).not.toHaveProperty('_links.next');
});

test('the audit log can be filtered by time, text and resource', async () => {
  const { call } = await filled();
  const comments = async (query: string): Promise<unknown[]> => {
    const log: Log = JSON.parse(
      JSON.stringify((await call('GET', `/api/v2/auditlog?limit=20&${query}`)).body),
    );
    return log.items.map(({ comment }) => comment);
  };
  const { items }: Log = JSON.parse(JSON.stringify((await call('GET', '/api/v2/auditlog?limit=20')).body));
  expect(await comments(`before=${String(items.at(-3)?.date)}`)).toEqual(['comment 1', 'comment 0']);
  expect(await comments(`after=${String(items[2]?.date)}`)).toEqual(['the limit', 'comment 11']);
  expect(await comments('q=SEARCH')).toEqual(['the limit']);
  expect(await comments('spec=proj/storefront:env/staging:flag/*')).toHaveLength(6);
  expect(await comments('spec=proj/*:env/*:flag/search-*')).toEqual(['the limit']);
  expect(await comments('spec=proj/other:env/*:flag/*')).toEqual([]);
});

test.each(['limit=0', 'limit=21', 'before=yesterday'])(
  'the audit log refuses the query %s',
  async (query) => {
    const { call } = await start();
    expect((await call('GET', `/api/v2/auditlog?${query}`)).status).toBe(400);
  },
);

test('an audit log entry can be fetched by its id', async () => {
  const { call } = await filled();
  const log: Log = JSON.parse(JSON.stringify((await call('GET', '/api/v2/auditlog?limit=1')).body));
  const reply = await call('GET', `/api/v2/auditlog/${String(log.items[0]?._id)}`);
  expect(reply).toMatchObject({ status: 200, body: { comment: 'the limit' } });
  expect((await call('GET', '/api/v2/auditlog/nothing')).status).toBe(404);
});

test('audit log entries of the same millisecond get different dates', async () => {
  const { simulator, call } = await start({ clock: { now: () => 5 } });
  for (const key of ['a', 'b']) {
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key, variation: 1 }, key);
  }
  expect(simulator.auditLog().map(({ date }) => date)).toEqual([5, 6]);
  expect((await call('GET', '/api/v2/auditlog?before=6')).body).toMatchObject({ items: [{ comment: 'a' }] });
});

test('a resource specifier matches literally, and a star matches any characters', () => {
  const resource = 'proj/storefront:env/production:flag/a.b';
  expect(resourceMatcher('proj/storefront:env/production:flag/a.b')(resource)).toBe(true);
  expect(resourceMatcher('proj/storefront:env/production:flag/aXb')(resource)).toBe(false);
  expect(resourceMatcher('proj/x:env/y:flag/z, proj/*:env/prod*:flag/*;beta')(resource)).toBe(true);
  expect(resourceMatcher('proj/*')(resource)).toBe(false);
});

describe('the versions in an audit log entry', () => {
  interface Version {
    readonly environments: Readonly<
      Record<
        string,
        Record<
          string,
          { readonly contextKind: string; readonly values: readonly string[]; readonly variation: number }[]
        >
      >
    >;
  }

  /** `user alice 1` for each target. */
  const targetsIn = ({ environments }: Version, environment: string): string[] =>
    Object.values(environments[environment] ?? {})
      .flat()
      .flatMap(({ contextKind, values, variation }) =>
        values.map((key) => `${contextKind} ${key} ${variation}`),
      );

  type Write = (running: Awaited<ReturnType<typeof start>>) => unknown;
  const patch =
    (instruction: object): Write =>
    ({ call }) =>
      call('PATCH', '/api/v2/flags/storefront/theme', {
        body: { environmentKey: 'production', instructions: [instruction] },
        contentType: 'application/json; domain-model=launchdarkly.semanticpatch',
      });
  const put =
    (kind: string, key: string, setting: string | null): Write =>
    ({ call }) =>
      call('PUT', `/api/v2/projects/storefront/environments/production/contexts/${kind}/${key}/flags/theme`, {
        body: { setting },
      });
  const WRITES: readonly Write[] = [
    put('user', 'alice', 'dark'),
    put('device', 'alice', 'contrast'),
    put('user', 'alice', 'contrast'),
    put('device', 'alice', null),
    patch({ kind: 'replaceTargets', targets: [] }),
    put('user', 'alice', 'dark'),
    ({ call }) =>
      call('PATCH', '/api/v2/flags/storefront/theme', {
        body: [
          {
            op: 'replace',
            path: '/environments/production/targets',
            value: [{ variation: 0, values: ['bob', 'alice'] }],
          },
        ],
      }),
  ];

  test('the versions of an entry have the targets before and after it, however they were changed', async () => {
    const running = await start();
    const { call, simulator } = running;
    const now = (): string[] =>
      simulator
        .targets('storefront', 'production', 'theme')
        .map(({ kind, key, variation }) => `${kind} ${key} ${variation}`);
    const states = [now()];
    for (const write of WRITES) {
      await write(running);
      states.push(now());
    }
    const entries = simulator.auditLog();
    expect(entries).toHaveLength(WRITES.length);
    for (const [index, { id }] of entries.entries()) {
      const { body } = await call('GET', `/api/v2/auditlog/${id}`);
      const { previousVersion, currentVersion } = body as {
        previousVersion: Version;
        currentVersion: Version;
      };
      expect(targetsIn(previousVersion, 'production').toSorted()).toEqual(states[index]?.toSorted());
      expect(targetsIn(currentVersion, 'production').toSorted()).toEqual(states[index + 1]?.toSorted());
    }
  });

  test('a flag that was deleted has no versions', async () => {
    const { call, simulator } = await filled();
    await call('DELETE', '/api/v2/flags/storefront/theme');
    const [{ id } = { id: '' }] = simulator.auditLog();
    expect((await call('GET', `/api/v2/auditlog/${id}`)).body).not.toHaveProperty('previousVersion');
  });
});
