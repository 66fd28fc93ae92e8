import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { sh } from '../support/shell.js';
import { read, ROOT } from '../support/workflows.js';
import { overrides, startWorld } from '../support/world.js';

const PATH = 'examples/storefront/.github/workflows/tidy-overrides.yml';

interface Workflow {
  readonly jobs: {
    readonly tidy: {
      readonly permissions: unknown;
      readonly steps: readonly {
        readonly run?: string;
        readonly uses?: string;
        readonly env?: Readonly<Record<string, string>>;
      }[];
    };
  };
}

const { tidy } = (parse(read(PATH)) as Workflow).jobs;

it('the workflow that tidies may only push a branch and open a pull request, with a reader token', () => {
  expect(tidy.permissions).toEqual({ contents: 'write', 'pull-requests': 'write' });
  const secrets = tidy.steps.flatMap(({ env = {} }) =>
    Object.values(env).filter((value) => value.includes('secrets.')),
  );
  expect(secrets).toEqual(['${{ secrets.LAUNCHDARKLY_READER_TOKEN }}']);
  // The step that pushes gets no token of LaunchDarkly's.
  expect(tidy.steps.at(-1)).toMatchObject({
    uses: expect.stringMatching(/^peter-evans\/create-pull-request@[0-9a-f]{40}$/) as string,
  });
  expect(tidy.steps.at(-1)?.env).toBeUndefined();
});

it('the workflow that tidies makes the commits of the pull request, and none if there is nothing to tidy', async () => {
  const world = await startWorld();
  const { repo } = world;
  cpSync(join(ROOT, 'examples/storefront'), repo.path, { recursive: true });
  repo.commit('Copy the example');
  await world.apply();
  repo.commit('Something to tidy', {
    'overrides/production/old.yaml': overrides({
      zoe: { 'checkout-v2': { $value: true, expires: '2020-01-01' }, 'summer-sale': true },
    }),
  });
  const step = tidy.steps.find(({ run }) => run?.includes('flagops') === true && !run.includes('npm'));
  const env = {
    ...step?.env,
    LAUNCHDARKLY_ACCESS_TOKEN: 'api-reader',
    LAUNCHDARKLY_BASE_URL: world.url,
    CI: 'true',
  };
  const run = (): ReturnType<typeof sh> => sh(['bash', '-e', '-c', step?.run ?? ''], repo.path, env);
  expect(await run()).toMatchObject({ code: 0 });
  expect(repo.git('log', '-3', '--format=%an: %s').split('\n')).toEqual([
    'github-actions[bot]: Remove 1 override of archived flags',
    'github-actions[bot]: Remove 1 override that expired',
    expect.stringContaining('Something to tidy'),
  ]);
  expect(repo.git('status', '--porcelain')).toBe('');
  const { head } = repo;
  expect((await run()).output).toContain('Nothing to tidy.\n');
  expect(repo.head).toBe(head);
  await world.apply();
});
