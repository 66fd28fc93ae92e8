import { describe, expect, it } from 'vitest';
import { storefrontSeed } from '../support/seeds.js';
import {
  config,
  overrides,
  type Settings,
  short,
  startWorld,
  type World,
  type WorldOptions,
} from '../support/world.js';

const FILE = 'overrides/a.yaml';
const REQUEST = { approvals: 'request', notify: { members: ['m1'], teams: ['release'] } };
const APPLY = ['apply', '--yes'];

interface More {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly scope?: Readonly<Record<string, unknown>>;
  readonly simulator?: NonNullable<WorldOptions['simulator']>;
}

/** A repository whose production environment requires approvals, and asks for them. */
function startApproving(users: Settings, more: More = {}): Promise<World> {
  const seed = storefrontSeed({ environments: { production: { requireApprovals: true } } });
  return startWorld({
    simulator: { seed, ...more.simulator },
    files: {
      'flagops.yaml': config({ ...more.config }, { ...REQUEST, ...more.scope }),
      [FILE]: overrides(users),
    },
  });
}

function requestsOf(world: World): readonly { readonly id: string; readonly [field: string]: unknown }[] {
  return [...world.simulator.world.approvals.values()].map((request) => ({ ...request }));
}

/** The only approval request. */
function onlyRequest(world: World): { readonly id: string; readonly url: string } {
  const [request, ...others] = requestsOf(world);
  if (request === undefined || others.length > 0) throw new Error(`${others.length} other requests`);
  const path = '/api/v2/projects/storefront/flags/theme/environments/production/approval-requests';
  return { id: request.id, url: `${world.url}${path}/${request.id}` };
}

function posts(world: World): number {
  return world.writes.filter(({ path }) => path.endsWith('/approval-requests')).length;
}

describe('approvals: request', () => {
  it.concurrent.each(['put', 'batch'])(
    'creates one request for each flag and commit with writes: %s',
    async (writes) => {
      const world = await startApproving(
        { alice: { theme: 'dark', 'checkout-v2': true }, bob: { theme: 'dark' } },
        { config: { writes } },
      );
      world.touch('theme', 'bob', 'light');
      world.repo.commit('Carol gets contrast', {
        'overrides/b.yaml': overrides({ carol: { theme: 'contrast' } }, { reason: 'Demo' }),
      });
      const run = await world.flagops(...APPLY);
      expect(run.code).toBe(5);
      expect(run.stdout).toContain('Applied 0 of 4 changes, 4 approval required.');
      expect(run.stdout).toMatch(
        /^approval-required {2}theme in storefront\/production: approval requested \(2 changes\): http\S+$/m,
      );
      const [light, dark, contrast] = world.simulator
        .flag('storefront', 'theme')
        .variations.map(({ id }) => id);
      const targets = (kind: string, variationId: string | undefined, ...values: string[]): object => ({
        kind,
        contextKind: 'user',
        variationId,
        values,
      });
      const notified = { notifyMemberIds: ['m1'], notifyTeamKeys: ['release'], environment: 'production' };
      expect(requestsOf(world).filter(({ flag }) => flag === 'theme')).toMatchObject([
        {
          ...notified,
          comment: expect.stringMatching(/^Start \([0-9a-f]{12} by Ada Author\)$/),
          description: expect.stringMatching(/^Start \([0-9a-f]{12} by Ada Author\)\n/),
          instructions: [targets('removeTargets', light, 'bob'), targets('addTargets', dark, 'alice', 'bob')],
        },
        {
          ...notified,
          comment: expect.stringMatching(/^Carol gets contrast \([0-9a-f]{12} by Ada Author\): Demo$/),
          instructions: [targets('addTargets', contrast, 'carol')],
        },
      ]);
      expect(requestsOf(world)).toHaveLength(3);
      expect(world.ref()).toBeUndefined();
      expect(world.live('theme', 'alice')).toBeUndefined();
    },
  );

  it.concurrent('finds its request again, and recognises what was approved and applied', async () => {
    const world = await startApproving({ alice: { theme: 'dark' } });
    await world.flagops(...APPLY);
    const { id, url } = onlyRequest(world);
    const plan = async (): Promise<string> => (await world.flagops('plan')).stdout;
    expect(await plan()).toContain(
      `approval request for theme in storefront/production is waiting for review: ${url}`,
    );
    const again = await world.flagops(...APPLY);
    expect(again.code).toBe(5);
    expect(again.stdout).toContain(
      `theme in storefront/production: approval was requested before and is waiting for review (1 change): ${url}`,
    );
    world.simulator.decideRequest(id, 'decline');
    expect(await plan()).toContain('theme in storefront/production was declined: change the declaration');
    expect((await world.flagops(...APPLY)).stdout).toContain('declined: change the declaration');
    world.simulator.decideRequest(id, 'approve');
    expect(await plan()).toContain('was approved, but not applied yet: apply it in LaunchDarkly');
    const waiting = await world.flagops(...APPLY);
    expect(waiting.code).toBe(5);
    expect(waiting.stdout).toContain('approved: apply the request in LaunchDarkly');
    expect(world.ref()).toBeUndefined();
    world.simulator.decideRequest(id, 'apply');
    expect(await plan()).toContain('No difference');
    await world.apply();
    expect(world.ref()).toBe(world.repo.git('rev-parse', 'HEAD'));
    expect(posts(world)).toBe(1);
    expect(world.comments.at(-1)).toMatch(/^Start \(/);
  });

  it.concurrent('names a request that no longer fits, and requests what is wanted now', async () => {
    const world = await startApproving({ alice: { theme: 'dark' } });
    await world.flagops(...APPLY);
    const { id, url } = onlyRequest(world);
    world.repo.commit('Contrast instead', { [FILE]: overrides({ alice: { theme: 'contrast' } }) });
    const named = `approval request for theme in storefront/production does not match this plan (pending): delete it in LaunchDarkly: ${url}`;
    const plan = await world.flagops('plan');
    expect(plan.stdout).toContain(named);
    const run = await world.flagops(...APPLY);
    expect(run.code).toBe(5);
    expect(run.stderr).toContain(named);
    expect(requestsOf(world)).toHaveLength(2);
    const { approvals = [] } = await world.plan();
    expect(approvals).toHaveLength(2);
    expect(approvals.find(({ current }) => !current)).toMatchObject({ id, status: 'pending', flag: 'theme' });
  });

  it.concurrent('owns what a request of a commit that was force-pushed away makes live', async () => {
    const alice = { alice: { theme: 'dark' } };
    const world = await startApproving(alice);
    world.applied(alice);
    world.repo.commit('Bob', { [FILE]: overrides({ ...alice, bob: { theme: 'dark' } }) });
    await world.flagops(...APPLY);
    const { id, url } = onlyRequest(world);
    world.repo.git('reset', '--quiet', '--hard', 'HEAD~1');
    const named = await world.flagops(...APPLY);
    expect(named.code).toBe(0);
    expect(named.stderr).toContain(`does not match this plan (pending): delete it in LaunchDarkly: ${url}`);
    // Its apply is over for long, but not what it asked for.
    expireAttempts(world);
    await world.apply();
    expect(world.attempts()).toHaveLength(1);
    world.repo.git('reflog', 'expire', '--expire=now', '--all');
    world.repo.git('gc', '--quiet', '--prune=now');
    world.simulator.decideRequest(id, 'approve');
    world.simulator.decideRequest(id, 'apply');
    expect(world.live('theme', 'bob')).toBe('dark');
    expect(short(await world.plan())).toEqual(['remove theme user bob']);
    expect((await world.flagops(...APPLY)).code).toBe(5);
    const removal = requestsOf(world).find((request) => request.id !== id)?.id ?? '';
    world.simulator.decideRequest(removal, 'approve');
    world.simulator.decideRequest(removal, 'apply');
    await world.apply();
    expect(world.live('theme', 'bob')).toBeUndefined();
    expect(world.ref()).toBe(world.repo.head);
    expireAttempts(world);
    await world.apply();
    expect(world.attempts()).toEqual([]);
  });

  it.concurrent('keeps one attempt however often it runs while approvals are pending', async () => {
    const world = await startApproving({ alice: { theme: 'dark' } });
    for (let run = 0; run < 3; run += 1) await world.flagops(...APPLY);
    expect(world.attempts()).toHaveLength(1);
  });

  it.concurrent('creates nothing with --check, and plans with a reader token', async () => {
    const world = await startApproving({ alice: { theme: 'dark' } }, { config: { writes: 'batch' } });
    const check = await world.flagops('apply', '--check');
    expect(check.code).toBe(5);
    expect(posts(world)).toBe(0);
    await world.flagops(...APPLY);
    const reader = { env: { LAUNCHDARKLY_ACCESS_TOKEN: 'api-reader' } };
    const plan = await world.run(['plan', '--format', 'json'], reader);
    expect(JSON.parse(plan.stdout)).toMatchObject({ approvals: [{ status: 'pending', current: true }] });
    world.repo.write({ 'plan.json': plan.stdout });
    expect((await world.flagops(...APPLY, '--plan', 'plan.json')).code).toBe(5);
    expect(posts(world)).toBe(1);
  });

  it.concurrent('links its requests in JSON and Markdown', async () => {
    const world = await startApproving({ alice: { theme: 'dark' } });
    const json = await world.flagops(...APPLY, '--format', 'json');
    const { id, url } = onlyRequest(world);
    expect(JSON.parse(json.stdout)).toMatchObject({
      exitCode: 5,
      outcomes: [{ status: 'approval-required', reason: 'approval-requested', approval: { id, url } }],
      recorded: [],
    });
    const markdown = await world.flagops('plan', '--format', 'markdown');
    expect(markdown.stdout).toContain(
      `- [Approval request](${url}) for <code>theme</code> in storefront/production is waiting for review`,
    );
    const report = await world.flagops(...APPLY, '--format', 'markdown');
    expect(report.stdout).toMatch(
      /^- approval-required: <code>theme<\/code> in .*\(\[approval request\]\(http/m,
    );
    expect(report.stdout).toContain(`[approval request](${url})`);
  });

  it.concurrent('exits with 3 if a request was created and another change failed', async () => {
    const world = await startApproving(
      { alice: { theme: 'dark', 'checkout-v2': true } },
      {
        simulator: {
          faults: [
            {
              effect: { kind: 'status', status: 410 },
              when: 'always',
              method: 'POST',
              path: '*/checkout-v2/*',
            },
          ],
        },
      },
    );
    const run = await world.flagops(...APPLY);
    expect(run.stdout).toContain('Applied 0 of 2 changes, 1 failed, 1 approval required.');
    expect(run.code).toBe(3);
  });
});

/** Lets the attempts look as if their applies were over for long. */
function expireAttempts(world: World): void {
  for (const ref of world.attempts()) {
    const tag = world.repo
      .git('cat-file', 'tag', ref)
      .replace(/"expires":"[^"]*"/, '"expires":"2020-01-01T00:00:00Z"');
    world.repo.write({ '.git/tag': `${tag}\n` });
    world.repo.git('update-ref', ref, world.repo.git('hash-object', '-t', 'tag', '-w', '.git/tag'));
  }
}
