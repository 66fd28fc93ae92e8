import { expect, it } from 'vitest';
import { overrides, startWorld } from '../support/world.js';

const FILE = 'overrides/a.yaml';

/** A date that many days from today. */
function dayFromNow(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/** An override in the long form. */
function long(value: string, more: Readonly<Record<string, string>>): Record<string, string> {
  return { $value: value, ...more };
}

const SOON = dayFromNow(7);

async function withDates(): Promise<Awaited<ReturnType<typeof startWorld>>> {
  return startWorld({
    files: {
      [FILE]: `project: storefront
environments: [staging, production]
expires: 2099-12-31
users:
  alice: { theme: { $value: dark, expires: 2020-01-01 } }
  bob: { theme: { $value: dark, expires: ${SOON} } }
  carol: { theme: dark }
groups:
  - { name: qa, users: [dave, erin], flags: { theme: light }, expires: "2020-06-30" }
`,
    },
  });
}

it.concurrent(
  'validate warns about dates in the past, at the date, and lists what expires soon',
  async () => {
    const world = await withDates();
    const run = await world.flagops('validate');
    expect(run.code).toBe(0);
    const hint = '(correct the date, or delete what has expired)';
    const withoutExcerpts = run.stdout.split('\n').filter((line) => !/^ *\d* \|/.test(line));
    expect(withoutExcerpts.join('\n').trimEnd().split('\n')).toEqual([
      `${FILE}:5:44 date-passed (warning) the date 2020-01-01 has passed: 2 overrides are no longer wanted ${hint}`,
      `${FILE}:9:72 date-passed (warning) the date 2020-06-30 has passed: 4 overrides are no longer wanted ${hint}`,
      `${FILE}:6:42 expires soon: ${SOON} (2 overrides)`,
      'valid: 10 overrides in 1 file, 2 warnings',
    ]);
    const json = JSON.parse((await world.flagops('validate', '--format', 'json')).stdout) as object;
    expect(json).toMatchObject({
      warnings: 2,
      soon: [{ at: { file: FILE, line: 6, col: 42 }, expires: SOON, overrides: 2 }],
    });
  },
);

it.concurrent(
  'a plan warns about dates in the past and lists what expires soon, in each format',
  async () => {
    const world = await withDates();
    const text = (await world.flagops('plan', '--environment', 'production')).stdout;
    expect(text).toContain(
      `warning: ${FILE}:5:44: the date 2020-01-01 has passed: 1 override is no longer wanted\n` +
        `warning: ${FILE}:9:72: the date 2020-06-30 has passed: 2 overrides are no longer wanted\n` +
        `expires soon: ${FILE}:6:42: ${SOON} (1 override)\n`,
    );
    const markdown = (await world.flagops('plan', '--format', 'markdown')).stdout;
    expect(markdown).toMatch(
      /> <code>overrides\/a.yaml:5<\/code>: the date 2020-01-01 has passed: 2 overrides/,
    );
    expect(markdown).toMatch(/- expires soon: <code>overrides\/a.yaml:6<\/code>: .*2 overrides/);
    const { run } = await world.plan();
    expect(JSON.parse(run.stdout)).toMatchObject({
      expiring: {
        past: [
          { at: { file: FILE, line: 5, col: 44 }, expires: '2020-01-01', overrides: 2 },
          { at: { file: FILE, line: 9, col: 72 }, expires: '2020-06-30', overrides: 4 },
        ],
        soon: [{ at: { file: FILE, line: 6, col: 42 }, expires: SOON, overrides: 2 }],
      },
    });
  },
);

it.concurrent('a plan names ten dates in the past and counts the others', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `user-${index}`);
  const users = Object.fromEntries(
    names.map((name) => [name, { theme: long('dark', { expires: '2020-01-01' }) }]),
  );
  const world = await startWorld({ files: { [FILE]: overrides(users) } });
  const { stdout } = await world.flagops('plan');
  expect(stdout.match(/has passed/g)).toHaveLength(10);
  expect(stdout).toContain('and 2 more dates in the past');
});

it.concurrent('an override can have its own date and reason', async () => {
  const world = await startWorld({
    files: {
      [FILE]: overrides({
        alice: { theme: long('dark', { reason: 'Demo on stage' }) },
        bob: { theme: long('dark', { expires: '2020-01-01' }) },
        carol: { theme: { $variation: 'High contrast', reason: 'Trial' } },
      }),
    },
  });
  world.touch('theme', 'bob', 'dark');
  await world.apply();
  expect(world.live('theme', 'alice')).toBe('dark');
  expect(world.live('theme', 'bob')).toBeUndefined();
  expect(world.live('theme', 'carol')).toBe('contrast');
  expect(world.comments).toContainEqual(expect.stringMatching(/^Start \(.*\): Demo on stage$/));
  expect(world.comments).toContainEqual(expect.stringMatching(/^Start \(.*\): Trial$/));
});

it.concurrent(
  'a commit that changes only a date or a reason did not make an override what it is',
  async () => {
    const alice = (more: Readonly<Record<string, string>>): string =>
      overrides({ alice: { theme: long('dark', more) } });
    const world = await startWorld({ files: { [FILE]: alice({ reason: 'Demo' }) } });
    world.repo.commit('Give it an end', { [FILE]: alice({ reason: 'Demo', expires: '2099-12-31' }) });
    world.repo.commit('Say why', { [FILE]: alice({ reason: 'Demo on stage', expires: '2099-11-30' }) });
    world.repo.commit('Write it short', {
      [FILE]: overrides({ alice: { theme: 'dark' } }, { reason: 'Demo on stage' }),
    });
    const [change] = (await world.plan()).changes;
    expect(change?.provenance.commit?.subject).toBe('Start');
    await world.apply();
    expect(world.comments.at(-1)).toMatch(/^Start \(.*\): Demo on stage$/);
  },
);
