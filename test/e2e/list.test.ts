import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import schema from '../../schemas/list.schema.json' with { type: 'json' };
import type { Run } from '../support/cli.js';
import { overrides, startWorld, type World } from '../support/world.js';

const FILE = 'overrides/production.yaml';
/** Between ten and eleven days from now. */
const SOON = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);
/** When it has expired: the end of that day. */
const SOON_ENDS = new Date(Date.parse(SOON) + 86_400_000).toISOString();
const READER = { LAUNCHDARKLY_ACCESS_TOKEN: 'api-reader' };

/** Lists with a reader token, which is enough. */
const list = (world: World, ...args: string[]): Promise<Run> => world.run(['list', ...args], { env: READER });

interface Listed {
  readonly flag: string;
  readonly key: string;
  readonly mark?: string;
  readonly provenance: { readonly type: string };
}

/** `theme carol drift` for each listed override. */
async function rows(world: World, ...args: string[]): Promise<string[]> {
  const run = await list(world, '--format', 'json', ...args);
  expect(run).toMatchObject({ code: 0 });
  const { overrides: listed } = JSON.parse(run.stdout) as { overrides: Listed[] };
  return listed.map(({ flag, key, mark }) => [flag, key, mark ?? 'same'].join(' '));
}

/** Every mark, an owner, a reason, expiry dates, a removal and an override of another kind. */
async function everyMark(): Promise<World> {
  const start = {
    alice: { 'checkout-v2': true, theme: 'dark' },
    bob: { 'checkout-v2': true, theme: null },
    carol: { 'checkout-v2': true },
  };
  const world = await startWorld({
    files: {
      [FILE]: overrides(start, { owner: 'team-checkout', reason: 'Beta' }),
      'overrides/soon.yaml': overrides(
        { dave: { 'search-limit': 25 } },
        { owner: 'team-search', expires: SOON },
      ),
      'overrides/gone.yaml': overrides(
        { dave: { theme: 'light' }, erin: { theme: 'light' }, fred: { theme: 'light' } },
        { expires: '2020-01-31' },
      ),
    },
  });
  world.applied({
    alice: { 'checkout-v2': true, theme: 'dark' },
    bob: { 'checkout-v2': true },
    carol: { 'checkout-v2': true },
    dave: { 'search-limit': 25, theme: 'light' },
    fred: { theme: 'dark' },
  });
  world.touch('theme', 'alice', 'contrast');
  world.touch('checkout-v2', 'acme', true, { kind: 'organization' });
  const { carol: _, ...rest } = start;
  world.repo.commit('Carol leaves, Zoe joins', {
    [FILE]: overrides({ ...rest, zoe: { theme: 'dark' } }, { owner: 'team-checkout', reason: 'Beta' }),
  });
  return world;
}

const ALL = [
  'checkout-v2 acme unmanaged',
  'checkout-v2 alice same',
  'checkout-v2 bob same',
  'checkout-v2 carol pending',
  'search-limit dave same',
  'theme alice drift',
  'theme bob same',
  'theme dave expired',
  'theme erin expired',
  'theme fred expired',
  'theme zoe pending',
];

describe('list', () => {
  it.concurrent('shows every override that is live or declared, with its mark', async () => {
    const world = await everyMark();
    expect(await rows(world)).toEqual(ALL);
    expect(world.writes).toEqual([]);

    const run = await list(world, '--format', 'json');
    const ajv = new Ajv2020({ allErrors: true });
    addFormats.default(ajv);
    const validate = ajv.compile(schema);
    expect(validate(JSON.parse(run.stdout)) ? [] : validate.errors).toEqual([]);
    const { overrides: listed } = JSON.parse(run.stdout) as { overrides: object[] };
    expect(listed[4]).toMatchObject({
      live: { value: 25, name: 'Some' },
      declared: { value: 25 },
      owner: 'team-search',
      at: { file: 'overrides/soon.yaml' },
      expires: { text: SOON, at: SOON_ENDS },
      provenance: { type: 'commit', commit: { subject: 'Start' } },
    });
    expect(listed[6]).toMatchObject({ live: null, declared: null });
    expect(listed[0]).not.toHaveProperty('declared');
  });

  it.concurrent('is filtered by scope, flag, context, owner, state and expiry', async () => {
    const world = await everyMark();
    const of = (pattern: RegExp): string[] => ALL.filter((row) => pattern.test(row));
    const cases: readonly (readonly [string[], string[]])[] = [
      [['--flag', 'search*'], of(/^search/)],
      [['--context', 'organization:*', '--context', 'zoe'], of(/acme|zoe/)],
      [['--unmanaged'], of(/unmanaged/)],
      [['--expired'], of(/expired/)],
      [['--expiring', '14d'], of(/search-limit/)],
      [['--expiring', '7d'], []],
      [['--expired', '--expiring', '2w', '--unmanaged'], of(/expired|search|unmanaged/)],
      [['--no-effect'], of(/search-limit dave/)],
      [['--no-effect', '--unmanaged'], of(/search-limit dave|unmanaged/)],
      [['--owner', 'team-*'], of(/alice|bob|zoe|search/)],
      [['--owner', 'team-search', '--expired'], []],
    ];
    for (const [args, expected] of cases)
      expect([args, await rows(world, ...args)]).toEqual([args, expected]);

    const unknown = await list(world, '--owner', 'team-chekout');
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toContain(
      '--owner team-chekout matches no known owner (did you mean team-checkout?)',
    );
    const invalid = await list(world, '--expiring', 'soon');
    expect(invalid).toMatchObject({ code: 1, stdout: '' });
    expect(invalid.stderr).toContain('It must have the form 12h, 14d or 2w.');
  });

  it.concurrent('prints text, CSV and Markdown', async () => {
    const world = await everyMark();
    const text = (await list(world)).stdout.replaceAll(/\b[0-9a-f]{12}\b/g, '<id>');
    expect(text).toContain(`storefront/production
  checkout-v2  organization acme  true  [unmanaged]
  checkout-v2  user alice  true
      overrides/production.yaml:5:5 · Start (<id> by Ada Author) · owner team-checkout · Beta
`);
    expect(text).toContain(`  checkout-v2  user carol  true  [pending]
      Carol leaves, Zoe joins (<id> by Ada Author)
`);
    expect(text).toContain('theme  user alice  "contrast" (declared "dark")');
    expect(text).toContain(`expires ${SOON}`);
    expect(text).toContain('Start (<id> by Ada Author) · expired 2020-01-31\n');
    expect(text).toMatch(/\n11 overrides: 9 declared, 1 unmanaged, 1 no longer declared\.\n$/);

    const csv = (await list(world, '--format', 'csv', '--flag', 'search-limit')).stdout.split('\r\n');
    expect(csv).toEqual([
      'project,environment,flag,kind,key,live,declared,owner,reason,commit,author,subject,expires,mark,file,noEffect,manage',
      `storefront,production,search-limit,user,dave,25,25,team-search,,${world.repo.git('rev-parse', 'HEAD~1')},Ada Author,Start,${SOON},,overrides/soon.yaml:5,fallthrough,`,
      '',
    ]);

    const markdown = (await list(world, '--format', 'markdown', '--unmanaged')).stdout;
    expect(markdown).toContain('### flagops: 1 override: 0 declared, 1 unmanaged');
    expect(markdown).toContain(
      '| <code>checkout-v2</code> | organization <code>acme</code> | <code>true</code> | no |',
    );
  });
});

it.concurrent('a list without a repository shows what is live in the scope that it names', async () => {
  const world = await startWorld({ git: false });
  world.touch('theme', 'alice', 'dark');
  const none = await list(world, '--allow-empty');
  expect(none).toMatchObject({ code: 1, stdout: '' });
  expect(none.stderr).toContain('nothing says which project and environment to list (pass --project and');
  const scope = ['--allow-empty', '--project', 'storefront', '--environment'];
  expect(await rows(world, ...scope, 'production')).toEqual(['theme alice unmanaged']);
  expect((await list(world, ...scope, 'staging')).stdout).toMatch(/^No overrides\.$/m);
});

it.concurrent(
  'several projects and environments are not combined to scopes that nothing declares',
  async () => {
    const of = (...environments: string[]) => ({
      environments: Object.fromEntries(environments.map((name) => [name, {}])),
      flags: { theme: {} },
    });
    const world = await startWorld({
      simulator: {
        seed: {
          tokens: [{ token: 'api-reader', role: 'reader' }],
          projects: { a: of('production', 'staging', 'dev'), b: of('production') },
        },
      },
      files: {
        'overrides/a.yaml': 'project: a\nenvironments: [production, staging]\n',
        'overrides/b.yaml': 'project: b\nenvironment: production\n',
      },
    });
    const both = [
      '--project',
      'a',
      '--project',
      'b',
      '--environment',
      'production',
      '--environment',
      'staging',
    ];
    for (const command of [['list'], ['explain', 'alice'], ['import']]) {
      const run = await world.run([...command, ...both], { env: READER });
      expect(run).toMatchObject({ code: 0, stderr: expect.not.stringContaining('error') });
    }
    const dev = await world.run(
      ['explain', 'alice', 'theme', '--format', 'json', '--project', 'a', '--environment', 'dev'],
      { env: READER },
    );
    expect(JSON.parse(dev.stdout)).toMatchObject({ scopes: [{ project: 'a', environment: 'dev' }] });
  },
);

it.concurrent('plan --unmanaged names the overrides that it otherwise only counts', async () => {
  const world = await everyMark();
  const line = '  ? checkout-v2  organization acme  true  unmanaged\n';
  const counted = await world.run(['plan'], { env: READER });
  expect(counted.stdout).toContain('2 unmanaged (left alone)');
  expect(counted.stdout).not.toContain(line);
  const named = await world.run(['plan', '--unmanaged'], { env: READER });
  expect(named.stdout).toContain(line);
  const markdown = await world.run(['plan', '--unmanaged', '--format', 'markdown'], { env: READER });
  expect(markdown.stdout).toContain(
    '| <code>checkout-v2</code> | organization `acme` | <code>true</code> |\n',
  );
  const { scopes } = await world.plan();
  expect(scopes).toMatchObject([
    {
      unmanagedOverrides: [
        { flag: 'checkout-v2', kind: 'organization', key: 'acme', live: { value: true } },
        { flag: 'theme', kind: 'user', key: 'fred', live: { value: 'dark' } },
      ],
    },
  ]);
});
