import type { PatchWithComment } from 'launchdarkly-api-typescript';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/launchdarkly/clock.js';
import { Delivery } from '../../src/launchdarkly/http/delivery.js';
import { connect, connectWriter } from '../../src/launchdarkly/connect.js';
import { routes } from '../../src/simulator/api/routes.js';
import { witnessSessions } from './support/witness.js';
import { storefrontSeed } from '../support/seeds.js';

const PROJECT = 'storefront';
const ENVIRONMENT = 'production';
const { start, asked } = witnessSessions();

/** The client’s type describes a JSON patch, but its method can also send a semantic patch. */
function semantic(patch: object): PatchWithComment {
  return JSON.parse(JSON.stringify(patch));
}
const asSemantic = {
  headers: { 'Content-Type': 'application/json; domain-model=launchdarkly.semanticpatch' },
};

describe('LaunchDarkly’s own REST client', () => {
  test('LaunchDarkly’s client sets, reads and removes a user’s setting', async () => {
    const { see, users } = await start();
    const put = (setting: unknown): Promise<{ status: number }> =>
      see(
        users.putFlagSetting(PROJECT, ENVIRONMENT, 'alice@example.com', 'banner', {
          setting,
          comment: 'for Alice',
        }),
      );
    const get = async (): Promise<unknown> =>
      (await see(users.getUserFlagSetting(PROJECT, ENVIRONMENT, 'alice@example.com', 'banner'))).data;
    const sale = { show: true, text: 'Sale: 20% off', colors: ['#b00020', '#ffffff'] };
    expect(await get()).toMatchObject({ setting: null, _value: { show: false } });
    expect((await put(sale)).status).toBe(204);
    expect(await get()).toMatchObject({ setting: sale, _value: sale });
    expect((await put({ show: 'perhaps' })).status).toBe(400);
    expect((await put(null)).status).toBe(204);
    expect(await get()).toMatchObject({ setting: null });
    const all = await see(users.getUserFlagSettings(PROJECT, ENVIRONMENT, 'alice@example.com'));
    expect(all.data.items).toMatchObject({ theme: { setting: null, _value: 'light' } });
    expect((await see(users.getUserFlagSettings(PROJECT, 'nowhere', 'x'))).status).toBe(404);
  });

  test('LaunchDarkly’s client sets a context’s setting and finds it in contextTargets', async () => {
    const { see, contextSettings, flags } = await start();
    const put = await see(
      contextSettings.putContextFlagSetting(PROJECT, ENVIRONMENT, 'device', 'kiosk/1', 'theme', {
        setting: 'dark',
        comment: 'for the kiosk',
      }),
    );
    expect(put.status).toBe(204);
    const { data } = await see(flags.getFeatureFlag(PROJECT, 'theme', ENVIRONMENT));
    expect(data.environments?.[ENVIRONMENT]).toMatchObject({
      targets: [],
      contextTargets: [{ contextKind: 'device', variation: 1, values: ['kiosk/1'] }],
    });
  });

  test('LaunchDarkly’s client lists flags in pages, with several environments and filters', async () => {
    const { see, flags } = await start();
    const first = await see(flags.getFeatureFlags(PROJECT, ENVIRONMENT, undefined, 4, 0, undefined, false));
    expect(first.data.items.map(({ key }) => key)).toEqual([
      'checkout-v2',
      'theme',
      'search-limit',
      'banner',
    ]);
    expect(first.data.totalCount).toBe(10);
    expect(first.data.items[0]?.environments?.[ENVIRONMENT]?.targets).toEqual([]);
    const next = new URL(first.data._links['next']?.href ?? '', 'http://localhost');
    const second = await see(
      flags.getFeatureFlags(
        PROJECT,
        ENVIRONMENT,
        undefined,
        Number(next.searchParams.get('limit')),
        Number(next.searchParams.get('offset')),
      ),
    );
    expect(second.data.items.map(({ key }) => key)).toContain('payment-methods');
    const query = 'query:checkout,tags:checkout+beta,state:live';
    const filtered = await see(
      flags.getFeatureFlags(
        PROJECT,
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
        true,
        query,
        '-key',
      ),
    );
    expect(filtered.data.items.map(({ key }) => key)).toEqual(['checkout-v2']);
    const several = await see(
      flags.getFeatureFlags(
        PROJECT,
        undefined,
        undefined,
        1,
        undefined,
        undefined,
        undefined,
        undefined,
        'name',
        undefined,
        undefined,
        { params: { env: ['production', 'staging'] }, paramsSerializer: { indexes: null } },
      ),
    );
    expect(Object.keys(several.data.items[0]?.environments ?? {})).toEqual(['production', 'staging']);
    expect((await see(flags.getFeatureFlags('nowhere'))).status).toBe(404);
  });

  test('LaunchDarkly’s client creates a flag, tries and applies a patch, archives and restores', async () => {
    const { see, flags, simulator } = await start();
    const created = await see(
      flags.postFeatureFlag(PROJECT, {
        key: 'fresh',
        name: 'Fresh',
        variations: [{ value: 'a', name: 'A' }, { value: 'b' }],
        tags: ['new'],
      }),
    );
    expect(created.status).toBe(201);
    expect((await see(flags.postFeatureFlag(PROJECT, { key: 'fresh', name: 'Again' }))).status).toBe(409);
    const variationId = created.data.variations[1]?._id;
    const patch = semantic({
      comment: 'the first targets',
      environmentKey: ENVIRONMENT,
      instructions: [{ kind: 'addTargets', contextKind: 'organization', variationId, values: ['acme'] }],
    });
    const tried = await see(
      flags.patchFeatureFlag(PROJECT, 'fresh', patch, undefined, { ...asSemantic, params: { dryRun: true } }),
    );
    expect(tried.data.environments?.[ENVIRONMENT]?.contextTargets).toMatchObject([{ values: ['acme'] }]);
    expect(simulator.targets(PROJECT, ENVIRONMENT, 'fresh')).toEqual([]);
    await see(flags.patchFeatureFlag(PROJECT, 'fresh', patch, undefined, asSemantic));
    expect(simulator.targets(PROJECT, ENVIRONMENT, 'fresh')).toMatchObject([{ key: 'acme', value: 'b' }]);
    const lifecycle = async (kind: string): Promise<boolean | undefined> => {
      const body = semantic({ instructions: [{ kind }] });
      const { data } = await see(flags.patchFeatureFlag(PROJECT, 'fresh', body, undefined, asSemantic));
      return data.archived;
    };
    expect(await lifecycle('archiveFlag')).toBe(true);
    expect(await lifecycle('restoreFlag')).toBe(false);
  });

  test('LaunchDarkly’s client patches a flag with JSON patches, and deletes it', async () => {
    const { see, flags, simulator } = await start();
    const patched = await see(
      flags.patchFeatureFlag(PROJECT, 'theme', {
        comment: 'from a test',
        patch: [
          { op: 'replace', path: '/name', value: 'Colours' },
          {
            op: 'add',
            path: `/environments/${ENVIRONMENT}/targets/-`,
            value: { variation: 1, values: ['a'] },
          },
        ],
      }),
    );
    expect(patched.data).toMatchObject({ name: 'Colours' });
    expect(simulator.variationOf(PROJECT, ENVIRONMENT, 'theme', 'user', 'a')).toBe(1);
    expect((await see(flags.deleteFeatureFlag(PROJECT, 'theme'))).status).toBe(204);
    expect((await see(flags.getFeatureFlag(PROJECT, 'theme'))).status).toBe(404);
  });

  test('LaunchDarkly’s client creates, changes and deletes a project and its environments', async () => {
    const { see, projects, environments } = await start();
    const created = await see(
      projects.postProject({
        key: 'shop',
        name: 'Shop',
        tags: ['new'],
        environments: [{ key: 'dev', name: 'Development', color: 'ff0000' }],
      }),
    );
    expect(created).toMatchObject({ status: 201, data: { environments: [{ key: 'dev' }] } });
    const renamed = await see(
      projects.patchProject('shop', [{ op: 'replace', path: '/name', value: 'Store' }]),
    );
    expect(renamed.data.name).toBe('Store');
    const qa = await see(environments.postEnvironment('shop', { key: 'qa', name: 'QA', color: '00ff00' }));
    expect(qa).toMatchObject({ status: 201, data: { key: 'qa', critical: false } });
    const critical = await see(
      environments.patchEnvironment('shop', 'qa', [{ op: 'replace', path: '/critical', value: true }]),
    );
    expect(critical.data.critical).toBe(true);
    expect((await see(environments.deleteEnvironment('shop', 'qa'))).status).toBe(204);
    expect((await see(projects.deleteProject('shop'))).status).toBe(204);
    expect((await see(projects.getProject('shop'))).status).toBe(404);
  });

  test('LaunchDarkly’s client reads the member to whom its token belongs', async () => {
    const { see, members } = await start();
    const me = await see(members.getMember('me'));
    expect(me.data).toMatchObject({ role: 'writer', email: 'member@example.com' });
    expect((await see(members.getMember(me.data._id))).data._id).toBe(me.data._id);
    expect((await see(members.getMember('none'))).status).toBe(404);
  });

  test('LaunchDarkly’s client sets, moves, reads and cancels the dates of targets', async () => {
    const { see, flags, users, simulator } = await start();
    await see(users.putFlagSetting(PROJECT, ENVIRONMENT, 'alice', 'theme', { setting: 'dark' }));
    const variationId = simulator.flag(PROJECT, 'theme').variations[1]?.id ?? '';
    const day = Date.UTC(2100, 0, 1);
    const context = { variationId, contextKind: 'user', contextKey: 'alice' };
    const added = await see(
      flags.patchExpiringTargets(
        PROJECT,
        ENVIRONMENT,
        'theme',
        { comment: 'a trial', instructions: [{ kind: 'addExpiringTarget', value: day, ...context }] },
        asSemantic,
      ),
    );
    expect(added.data).toMatchObject({ successfulInstructions: 1, items: [{ expirationDate: day }] });
    const moved = await see(
      users.patchExpiringFlagsForUser(
        PROJECT,
        'alice',
        ENVIRONMENT,
        {
          instructions: [
            {
              kind: 'updateExpireUserTargetDate',
              flagKey: 'theme',
              variationId,
              value: day + 1,
              version: 1,
            },
          ],
        },
        asSemantic,
      ),
    );
    expect(moved.data.items).toMatchObject([{ userKey: 'alice', _version: 2, expirationDate: day + 1 }]);
    const ofUser = await see(users.getExpiringFlagsForUser(PROJECT, 'alice', ENVIRONMENT));
    const ofUsers = await see(flags.getExpiringUserTargets(PROJECT, ENVIRONMENT, 'theme'));
    expect(ofUser.data.items).toEqual(moved.data.items);
    expect(ofUsers.data.items).toEqual(moved.data.items);
    await see(
      flags.patchExpiringUserTargets(
        PROJECT,
        ENVIRONMENT,
        'theme',
        { instructions: [{ kind: 'removeExpireUserTargetDate', variationId, userKey: 'alice' }] },
        asSemantic,
      ),
    );
    const left = await see(flags.getExpiringContextTargets(PROJECT, ENVIRONMENT, 'theme'));
    expect(left.data.items).toEqual([]);
  });

  test('LaunchDarkly’s client reads the audit log with its comments, and one entry', async () => {
    const { see, users, audit } = await start();
    for (const key of ['a', 'b', 'c']) {
      await see(
        users.putFlagSetting(PROJECT, ENVIRONMENT, key, 'theme', { setting: 'dark', comment: `for ${key}` }),
      );
    }
    const log = await see(
      audit.getAuditLogEntries(undefined, undefined, 'theme', 2, 'proj/storefront:env/production:flag/*'),
    );
    expect(log.data.items.map(({ comment }) => comment)).toEqual(['for c', 'for b']);
    const older = await see(audit.getAuditLogEntries(log.data.items[1]?.date));
    expect(older.data.items.map(({ comment }) => comment)).toEqual(['for a']);
    const entry = await see(audit.getAuditLogEntry(log.data.items[0]?._id ?? ''));
    expect(entry.data).toMatchObject({ comment: 'for c', name: 'Theme', kind: 'flag' });
    expect((await see(audit.getAuditLogEntry('none'))).status).toBe(404);
  });

  test('LaunchDarkly’s client reads projects, environments, context kinds and its identity', async () => {
    const { see, projects, environments, contexts, other } = await start();
    expect((await see(projects.getProjects())).data.items.map(({ key }) => key)).toEqual([PROJECT]);
    const project = await see(projects.getProject(PROJECT, 'environments'));
    expect(project.data.environments?.items.map(({ key }) => key)).toEqual(['production', 'staging']);
    const listed = await see(environments.getEnvironmentsByProject(PROJECT, 1));
    expect(listed.data).toMatchObject({ totalCount: 2, items: [{ key: 'production' }] });
    const staging = await see(environments.getEnvironment(PROJECT, 'staging'));
    expect(staging.data).toMatchObject({ apiKey: 'sdk-staging', approvalSettings: { required: false } });
    const kinds = await see(contexts.getContextKindsByProjectKey(PROJECT));
    expect(kinds.data.items.map(({ key }) => key)).toEqual(['user', 'organization', 'device']);
    expect((await see(other.getCallerIdentity())).data).toMatchObject({ tokenName: 'Writer' });
  });

  test('LaunchDarkly’s client gets the documented errors for a bad token, a reader token and a reached limit', async () => {
    const nobody = await start({}, 'nobody');
    expect((await nobody.see(nobody.projects.getProjects())).status).toBe(401);
    const reader = await start({}, 'api-reader');
    const put = reader.users.putFlagSetting(PROJECT, ENVIRONMENT, 'a', 'theme', { setting: 'dark' });
    expect((await reader.see(put)).status).toBe(403);
    const limited = await start({ limits: { global: 1 } });
    await limited.see(limited.projects.getProjects());
    const refused = await limited.see(limited.projects.getProjects());
    expect(refused).toMatchObject({
      status: 429,
      data: { code: 'rate_limited' },
      headers: { 'x-ratelimit-global-remaining': '0' },
    });
  });

  test('LaunchDarkly’s client creates, reads, reviews, applies and deletes approval requests', async () => {
    const seed = storefrontSeed({ environments: { production: { requireApprovals: true } } });
    const { see, approvals, simulator } = await start({ seed });
    const variationId = simulator.flag(PROJECT, 'theme').variations[1]?.id;
    const create = async (key: string): Promise<string> => {
      const { status, data } = await see(
        approvals.postApprovalRequestForFlag(PROJECT, 'theme', ENVIRONMENT, {
          description: `Dark for ${key}`,
          comment: 'a trial',
          instructions: [{ kind: 'addTargets', contextKind: 'user', variationId, values: [key] }],
          notifyMemberIds: ['member-1'],
          notifyTeamKeys: ['team-checkout'],
        }),
      );
      expect(status).toBe(201);
      return data._id;
    };
    const id = await create('alice');
    const other = await create('bob');
    const get = async (): Promise<unknown> =>
      (await see(approvals.getApprovalForFlag(PROJECT, 'theme', ENVIRONMENT, id))).data;
    expect(await get()).toMatchObject({ reviewStatus: 'pending', status: 'pending', conflicts: [] });
    const own = approvals.postApprovalRequestReviewForFlag(PROJECT, 'theme', ENVIRONMENT, id, {
      kind: 'approve',
    });
    expect((await see(own)).status).toBe(403);
    const comment = approvals.postApprovalRequestReviewForFlag(PROJECT, 'theme', ENVIRONMENT, id, {
      kind: 'comment',
      comment: 'Please',
    });
    expect((await see(comment)).data).toMatchObject({ allReviews: [{ kind: 'comment' }] });
    simulator.decideRequest(id, 'approve');
    const applied = await see(
      approvals.postApprovalRequestApplyForFlag(PROJECT, 'theme', ENVIRONMENT, id, { comment: 'approved' }),
    );
    expect(applied.data).toMatchObject({ status: 'completed', reviewStatus: 'approved' });
    expect(simulator.variationOf(PROJECT, ENVIRONMENT, 'theme', 'user', 'alice')).toBe(1);
    const deleted = await see(approvals.deleteApprovalRequestForFlag(PROJECT, 'theme', ENVIRONMENT, other));
    expect(deleted.status).toBe(204);
    const listed = await see(approvals.getApprovalsForFlag(PROJECT, 'theme', ENVIRONMENT));
    expect(listed.data.items.map(({ _id }) => _id)).toEqual([id]);
  });

  test('LaunchDarkly’s client gets 405 for a patch if approvals are required', async () => {
    const seed = storefrontSeed({ environments: { production: { requireApprovals: true } } });
    const { see, flags } = await start({ seed });
    const body = semantic({ environmentKey: ENVIRONMENT, instructions: [{ kind: 'turnFlagOff' }] });
    const reply = await see(flags.patchFeatureFlag(PROJECT, 'theme', body, undefined, asSemantic));
    expect(reply).toMatchObject({ status: 405, data: { code: 'method_not_allowed' } });
  });
});

describe('flagops’ own client and LaunchDarkly’s', () => {
  const rate = { concurrency: 4, writesPerSecond: null, reserve: 0.1 };
  const timeouts = { attempt: 10_000, run: 60_000 };

  test('flagops’ client and LaunchDarkly’s client read what the other has written', async () => {
    const { see, users, flags, audit, contextSettings, url } = await start();
    const options = {
      baseUrl: url,
      token: 'api-writer',
      api: 'users',
      rate,
      timeouts,
      clock: systemClock,
      version: '0',
    } as const;
    const scope = { project: PROJECT, environment: ENVIRONMENT };
    const writer = connectWriter(options);
    const key = 'ünï/cödé %2F ?#';
    await writer.putSetting(
      scope,
      { flag: 'theme', kind: 'user', key },
      'dark',
      'from flagops',
      new Delivery(),
    );
    await writer.putSetting(
      scope,
      { flag: 'theme', kind: 'device', key },
      'contrast',
      'from flagops',
      new Delivery(),
    );
    expect((await see(users.getUserFlagSetting(PROJECT, ENVIRONMENT, key, 'theme'))).data.setting).toBe(
      'dark',
    );
    const { data } = await see(flags.getFeatureFlag(PROJECT, 'theme', ENVIRONMENT));
    expect(data.environments?.[ENVIRONMENT]).toMatchObject({
      targets: [{ values: [key], variation: 1 }],
      contextTargets: [
        { values: [], variation: 1, contextKind: 'user' },
        { values: [key], variation: 2, contextKind: 'device' },
      ],
    });
    const log = await see(audit.getAuditLogEntries());
    expect(log.data.items.map(({ comment }) => comment)).toEqual(['from flagops', 'from flagops']);
    await see(users.putFlagSetting(PROJECT, ENVIRONMENT, key, 'theme', { setting: 'light' }));
    await see(contextSettings.putContextFlagSetting(PROJECT, ENVIRONMENT, 'device', key, 'theme', {}));
    const live = await connect(options).getFlag(PROJECT, 'theme', [ENVIRONMENT]);
    expect([...(live?.environments.get(ENVIRONMENT)?.targets ?? [])]).toEqual([[`user\n${key}`, 0]]);
  });
});

test('the tests with LaunchDarkly’s client use every simulated operation', () => {
  const names = routes.map(({ method, path }) => ({
    name: `${method} ${path}`,
    pattern: new RegExp(`^${method} ${path.replaceAll(/\{\w+\}/g, '[^/?]+')}(\\?.*)?$`),
  }));
  expect(
    names.filter(({ pattern }) => !asked.some((one) => pattern.test(one))).map(({ name }) => name),
  ).toEqual([]);
});
