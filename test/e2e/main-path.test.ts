import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import schema from '../../schemas/plan.schema.json' with { type: 'json' };
import { config, overrides, short, startWorld } from '../support/world.js';

// A run mostly waits for git and for responses, so the tests of these files run concurrently.

const FILE = 'overrides/checkout.yaml';

it.concurrent(
  'plan sends only GETs, apply sends one PUT for each change, and a second apply sends none',
  async () => {
    const world = await startWorld({
      files: {
        [FILE]: overrides(
          { alice: { theme: 'dark', 'checkout-v2': true } },
          { contexts: { organization: { acme: { 'search-limit': 100 } } } },
        ),
      },
    });
    world.touch('theme', 'alice', 'contrast');
    const plan = await world.flagops('plan');
    expect(plan.code).toBe(0);
    expect(plan.stdout).toContain('Plan: 2 to add, 1 to update.');
    expect(world.simulator.requests.length).toBeGreaterThan(0);
    expect(world.writes).toEqual([]);

    const apply = await world.flagops('apply', '--yes');
    expect(apply.code).toBe(0);
    expect(apply.stdout).toContain('Applied 3 of 3 changes');
    const comment = `Start (${world.repo.head.slice(0, 12)} by Ada Author)`;
    const users = '/api/v2/users/storefront/production/alice/flags';
    const contexts = '/api/v2/projects/storefront/environments/production/contexts';
    expect(new Set(world.writes)).toEqual(
      new Set([
        { path: `${users}/theme`, body: { setting: 'dark', comment }, status: 204 },
        { path: `${users}/checkout-v2`, body: { setting: true, comment }, status: 204 },
        {
          path: `${contexts}/organization/acme/flags/search-limit`,
          body: { setting: 100, comment },
          status: 204,
        },
      ]),
    );
    expect(world.live('theme', 'alice')).toBe('dark');
    expect(world.live('search-limit', 'acme', { kind: 'organization' })).toBe(100);

    world.simulator.forgetRequests();
    expect((await world.flagops('apply', '--yes')).stdout).toContain('Nothing to apply');
    expect(world.writes).toEqual([]);
  },
);

it.concurrent('a removal sends null', async () => {
  const world = await startWorld({
    files: { [FILE]: overrides({ alice: { theme: 'dark' }, bob: { theme: null, banner: null } }) },
  });
  world.touch('theme', 'bob', 'dark');
  await world.apply();
  expect(world.writes.map(({ body }) => body)).toContainEqual({ setting: null, comment: expect.any(String) });
  expect(world.live('theme', 'bob')).toBeUndefined();
  expect(world.writes).toHaveLength(2);
});

it.concurrent('with `api: contexts` users are written through the context endpoint too', async () => {
  const world = await startWorld({
    files: { 'flagops.yaml': config({ api: 'contexts' }), [FILE]: overrides({ alice: { theme: 'dark' } }) },
  });
  await world.apply();
  expect(world.writes.map(({ path }) => path)).toEqual([
    '/api/v2/projects/storefront/environments/production/contexts/user/alice/flags/theme',
  ]);
});

it.concurrent('context keys of all kinds arrive unchanged', async () => {
  const keys = [
    'a@b.c',
    'a/b',
    '100%',
    'a b',
    '.',
    '..',
    'zoë ☂',
    '0123',
    '1e3',
    '12345678901234567890',
    '__proto__',
    '%2F',
    '?#&',
  ];
  const users = `${keys.map((key) => `  ${JSON.stringify(key)}: { theme: dark }`).join('\n')}\n  00987: { theme: dark }\n`;
  const world = await startWorld({
    files: {
      [FILE]: `project: storefront\nenvironment: production\nusers:\n${users}contexts:\n  device:\n    "..": { theme: dark }\n`,
    },
  });
  await world.apply();
  const targets = world.simulator.targets('storefront', 'production', 'theme');
  expect(new Set(targets.filter(({ kind }) => kind === 'user').map(({ key }) => key))).toEqual(
    new Set([...keys, '00987']),
  );
  expect(targets.find(({ kind }) => kind === 'device')?.key).toBe('..');
  const paths = world.writes.map(({ path }) => path);
  for (const key of [
    'a%40b.c',
    'a%2Fb',
    '100%25',
    'a%20b',
    '%2E',
    '%2E%2E',
    'zo%C3%AB%20%E2%98%82',
    '%252F',
  ]) {
    expect(paths).toContain(`/api/v2/users/storefront/production/${key}/flags/theme`);
  }
  expect((await world.plan()).changes).toEqual([]);
});

it.concurrent(
  'the comment names the commit that last changed the setting, not HEAD, a move or a reformatting',
  async () => {
    const world = await startWorld({ files: { [FILE]: overrides({ alice: { theme: 'light' } }) } });
    world.repo.commit(
      'Dark for Alice (#12)',
      { [FILE]: overrides({ alice: { theme: 'dark' } }) },
      { author: 'Dana <d@example.com>' },
    );
    const id = world.repo.head.slice(0, 12);
    world.repo.commit('Reformat', {
      [FILE]: `# reformatted\n${overrides({ alice: { theme: 'dark' } }).replace('theme: dark', 'theme: "dark"')}`,
    });
    world.repo.commit('Move and add Bob', {
      [FILE]: null,
      'overrides/moved.yaml': overrides({ bob: { theme: 'dark' }, alice: { theme: 'dark' } }),
    });
    const plan = await world.plan();
    expect(plan.changes.map(({ provenance }) => provenance.commit?.subject)).toEqual([
      'Dark for Alice (#12)',
      'Move and add Bob',
    ]);
    await world.apply();
    expect(world.comments).toEqual([
      `Dark for Alice (#12) (${id} by Dana)`,
      `Move and add Bob (${world.repo.head.slice(0, 12)} by Ada Author)`,
    ]);
  },
);

it.concurrent(
  'the comment names the commit inside a merged branch, and for a removal the commit that removed the declaration',
  async () => {
    const world = await startWorld({
      files: { [FILE]: overrides({ alice: { theme: 'dark' }, bob: { theme: 'dark' } }) },
    });
    await world.apply();
    world.repo.branch('topic');
    world.repo.commit('Contrast for Alice', {
      [FILE]: overrides({ alice: { theme: 'contrast' }, bob: { theme: 'dark' } }),
    });
    world.repo.commit('Bob is done', { [FILE]: overrides({ alice: { theme: 'contrast' } }) });
    world.repo.switch('main');
    world.repo.merge('topic', 'Merge pull request #7');
    await world.apply('--force');
    expect(world.comments.slice(2).map((comment) => comment.split(' (')[0])).toEqual([
      'Contrast for Alice',
      'Bob is done',
    ]);
  },
);

it.concurrent('template, maxLength and reason determine the comment', async () => {
  const world = await startWorld({
    files: {
      'flagops.yaml': config({
        comment: { template: '[{sha}] {subject} - {author} {date}{reason}', maxLength: 80 },
      }),
      [FILE]: overrides({ alice: { theme: 'dark' } }, { reason: 'Checkout v2 beta' }),
    },
  });
  await world.apply();
  const short12 = world.repo.head.slice(0, 12);
  expect(world.comments).toEqual([`[${short12}] Start - Ada Author 2026-01-01: Checkout v2 beta`]);
  world.repo.commit(`Long ${'x'.repeat(200)}`, { [FILE]: overrides({ alice: { theme: 'light' } }) });
  await world.apply('--force');
  expect(world.comments[1]).toHaveLength(80);
});

it.concurrent('plan --format json matches its schema, and --out writes it to a file', async () => {
  const world = await startWorld({
    files: {
      [FILE]: overrides(
        { alice: { theme: 'dark', 'gift-wrapping': true } },
        { owner: 'team-checkout', expires: '2099-12-31' },
      ),
    },
  });
  world.touch('banner', 'zoe', { show: false });
  const run = await world.flagops('plan', '--format', 'json', '--out', 'plan.json', '--detailed-exitcode');
  expect(run).toMatchObject({ code: 2, stdout: '' });
  const plan = JSON.parse(readFileSync(join(world.repo.path, 'plan.json'), 'utf8')) as Parameters<
    typeof short
  >[0];
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  ajv.validate(schema, plan);
  expect(ajv.errors).toBeNull();
  expect(short(plan)).toEqual(['add gift-wrapping user alice', 'add theme user alice']);
  expect(plan.changes[0]?.warnings).toEqual(['flag-off']);
});

it.concurrent('markdown and text show the same changes with commit and position', async () => {
  const world = await startWorld({ files: { [FILE]: overrides({ alice: { theme: 'dark' } }) } });
  const [text, markdown] = [await world.flagops('plan'), await world.flagops('plan', '--format', 'markdown')];
  expect(text.stdout).toContain('+ theme  user alice  "dark"');
  expect(text.stdout).toContain('overrides/checkout.yaml:5\n');
  expect(text.stdout).toContain(`Start (${world.repo.head.slice(0, 12)} by Ada Author)`);
  expect(markdown.stdout).toContain('theme');
  expect(markdown.stdout).toContain(world.repo.head.slice(0, 12));
});
