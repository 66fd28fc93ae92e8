import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import schema from '../../schemas/edit.schema.json' with { type: 'json' };
import { type Run, runCli } from '../support/cli.js';
import { createRepository, type Files, temporaryFolder, type TestRepository } from '../support/repository.js';
import { config, overrides, startWorld } from '../support/world.js';

const FILE = 'overrides/production/beta.yaml';
const TOP = 'project: storefront\nenvironment: production\n';

function repositoryWith(files: Files): TestRepository {
  const repo = createRepository();
  repo.commit('Start', files);
  return repo;
}

/** Runs flagops without a token. */
const run = (repo: Pick<TestRepository, 'path'>, ...args: string[]): Promise<Run> =>
  runCli(args, { cwd: repo.path });

const text = (repo: Pick<TestRepository, 'path'>, path = FILE): string =>
  readFileSync(join(repo.path, path), 'utf8');

/** The date some days from now. */
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

describe('set', () => {
  it.concurrent(
    'goes from one line to a commit and a plan, and the same line with a later date extends it',
    async () => {
      const world = await startWorld({
        files: { [FILE]: `${TOP}users:\n  alice: { checkout-v2: true } # VIP\n` },
      });
      const { repo } = world;
      const first = await world.flagops(
        'set',
        'me@example.com',
        'checkout-v2',
        'true',
        '--expires',
        '7d',
        '--commit',
      );
      expect(first.code, first.stderr).toBe(0);
      const line = (days: number): string =>
        `  me@example.com: { checkout-v2: { $value: true, expires: "${inDays(days)}" } }\n`;
      expect(text(repo)).toBe(`${TOP}users:\n  alice: { checkout-v2: true } # VIP\n${line(7)}`);
      expect(first.stdout).toContain(
        `@@ -2,3 +2,4 @@\n environment: production\n users:\n   alice: { checkout-v2: true } # VIP\n+${line(7)}`,
      );
      expect(first.stdout).not.toContain('Next:');
      expect(first.stdout).toContain('  + checkout-v2  user me@example.com  true ');
      // One next step, not also that of the plan.
      expect(`${first.stdout}${first.stderr}`.match(/^Next: .*/gm)).toEqual([
        'Next: push the commit, and open a pull request.',
      ]);
      expect(first.stdout).toMatch(
        /\nchanged {2}overrides\/production\/beta\.yaml\ncommitted [0-9a-f]{7} Set checkout-v2 to true for me@example\.com\n$/,
      );
      expect(repo.git('log', '-1', '--format=%B')).toBe(
        `Set checkout-v2 to true for me@example.com\n\nScope: storefront/production\nExpires: ${inDays(7)}\n`,
      );
      expect(repo.git('show', '--format=', '--name-only')).toBe(FILE);
      expect(repo.git('status', '--porcelain')).toBe('');

      const later = await world.flagops(
        'set',
        'me@example.com',
        'checkout-v2',
        'true',
        '--expires',
        '2w',
        '--commit',
      );
      expect(text(repo)).toContain(line(14));
      expect(later.stdout).toContain(`Extend checkout-v2 for me@example.com until ${inDays(14)}\n`);
      const same = await world.flagops(
        'set',
        'me@example.com',
        'checkout-v2',
        'true',
        '--expires',
        '2w',
        '--commit',
      );
      expect(same).toMatchObject({ code: 0, stdout: `unchanged  ${FILE} (it already says so)\n` });
      await world.apply();
      expect(world.live('checkout-v2', 'me@example.com')).toBe(true);
      expect(world.comments).toContainEqual(
        expect.stringContaining('Set checkout-v2 to true for me@example.com ('),
      );

      const removed = await world.flagops('unset', 'me@example.com', '--commit');
      expect(removed.stdout).toContain('  - checkout-v2  user me@example.com  was true ');
      expect(removed.stdout).toContain(' Remove checkout-v2 for me@example.com\n');
      expect(text(repo)).toBe(`${TOP}users:\n  alice: { checkout-v2: true } # VIP\n`);
      await world.apply();
      expect(world.live('checkout-v2', 'me@example.com')).toBeUndefined();
      expect(world.writes.map(({ path }) => path).filter((path) => path.includes('alice'))).toHaveLength(1);
    },
  );

  it.concurrent('writes nothing that LaunchDarkly contradicts', async () => {
    const world = await startWorld({ files: { [FILE]: overrides({ alice: { theme: 'dark' } }) } });
    const before = text(world.repo);
    const variation = await world.flagops('set', 'alice', 'theme', 'drak', '--commit');
    expect(variation).toMatchObject({ code: 1, stdout: '' });
    expect(variation.stderr).toContain(
      'error: nothing was written: "drak" is not a variation of theme, which has "light" (Light), "dark" (Dark), "contrast" (High contrast) (did you mean dark?)\n',
    );
    expect((await world.flagops('set', 'alice', 'no-such-flag', 'true')).stderr).toContain(
      'nothing was written: ',
    );
    expect((await world.flagops('set', 'gadget:x', 'theme', 'dark')).stderr).toContain(
      'nothing was written: ',
    );
    expect(text(world.repo)).toBe(before);
    expect(world.repo.git('log', '--format=%s')).toBe('Start');
    expect((await world.flagops('set', 'alice', 'theme', '--variation', 'Light')).code).toBe(0);
    expect(text(world.repo)).toContain('theme: { $variation: Light }\n');
  });

  it.concurrent(
    'is not prevented by what was wrong with other overrides, which it may be fixing',
    async () => {
      const wrong = `${TOP}users:\n  alice: { theme: drak, summer-sale: true }\n  bob: { theme: drak, no-flag: 1 }\n`;
      const world = await startWorld({ files: { [FILE]: wrong } });
      expect((await world.flagops('plan')).stderr).toContain(
        'the flag summer-sale is archived (delete the override, for example with flagops tidy --archived, or restore the flag)',
      );
      const refused = await world.flagops('set', 'carol', 'theme', 'drak');
      expect(refused.stderr).toContain('nothing was written: "drak" is not a variation of theme');
      const tidied = await world.flagops('tidy', '--archived');
      expect(tidied.stderr).toContain('warning: there is no plan: ');
      for (const edit of [
        ['unset', 'bob', 'no-flag'],
        ['set', 'alice', 'theme', 'dark'],
        ['unset', 'bob'],
      ])
        expect(await world.flagops(...edit)).toMatchObject({ code: 0 });
      expect(text(world.repo)).toBe(`${TOP}users:\n  alice: { theme: dark }\n`);
      expect((await world.flagops('plan')).code).toBe(0);
    },
  );

  it.concurrent('has a plan even if it undoes what was never applied', async () => {
    const world = await startWorld({ files: { [FILE]: overrides({ alice: { theme: 'dark' } }) } });
    expect((await world.flagops('set', 'bob', 'theme', 'dark')).code).toBe(0);
    const undone = await world.flagops('unset', 'bob');
    expect(undone.stderr).not.toContain('there is no plan');
    expect(undone.stdout).toContain('No selected changes in storefront/production.');
  });

  it.concurrent('is written without a plan if LaunchDarkly cannot be asked, and says why', async () => {
    const world = await startWorld({ files: { [FILE]: overrides({ alice: { theme: 'dark' } }) } });
    const refused = await world.run(['set', 'alice', 'theme', 'light'], {
      env: { LAUNCHDARKLY_ACCESS_TOKEN: 'api-wrong' },
    });
    expect(refused.code).toBe(0);
    expect(refused.stderr).toContain('warning: there is no plan: ');
    expect(text(world.repo)).toContain('theme: light');
    const offline = await world.run(['set', 'alice', 'theme', 'contrast', '--format', 'json'], {
      env: { LAUNCHDARKLY_ACCESS_TOKEN: undefined },
    });
    expect(offline.stderr).toContain('set LAUNCHDARKLY_ACCESS_TOKEN and run flagops plan');
    const output = JSON.parse(offline.stdout) as unknown;
    const validate = new Ajv2020().compile(schema);
    expect(validate(output), JSON.stringify(validate.errors)).toBe(true);
    expect(output).toMatchObject({ dryRun: false, files: [{ path: FILE, created: false }], commits: [] });
  });

  it.concurrent('shows the edit without writing it with --dry-run', async () => {
    const repo = repositoryWith({ [FILE]: `${TOP}users:\n  alice: { theme: dark }\n` });
    const dry = await run(repo, 'set', 'alice', 'theme', 'null', '--dry-run', '--commit');
    expect(dry).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('+  alice: { theme: null }\n'),
    });
    expect(text(repo)).toContain('dark');
  });

  it.concurrent('says where the next step is to see the plan', async () => {
    const repo = repositoryWith({ [FILE]: `${TOP}users:\n  alice: { theme: dark }\n` });
    const done = await run(repo, 'set', 'alice', 'theme', 'light');
    expect(done.stdout).toBe(`--- ${FILE}
+++ ${FILE}
@@ -1,4 +1,4 @@
 project: storefront
 environment: production
 users:
-  alice: { theme: dark }
+  alice: { theme: light }

changed  ${FILE}
`);
    expect(done.stderr).toBe(
      'To see what this changes in LaunchDarkly, set LAUNCHDARKLY_ACCESS_TOKEN and run flagops plan.\nNext: commit it, and open a pull request.\n',
    );
  });
});

describe('the file that set edits', () => {
  const files = {
    'overrides/production/a.yaml': `${TOP}users:\n  alice: { f: 1 }\n`,
    'overrides/production/b.yaml': `${TOP}users:\n  bob: { f: 1, g: 1 }\n  carol: { f: 1 }\n`,
    'overrides/production/c.yaml': `${TOP}expires: "2099-01-01"\nusers:\n  carol: { f: 2 }\n`.replace(
      'carol',
      'dave',
    ),
  };

  it.concurrent.each<readonly [what: string, args: string[], path: string, added: string]>([
    ['declares the override', ['alice', 'f', '2'], 'overrides/production/a.yaml', '  alice: { f: 2 }\n'],
    ['declares the context', ['alice', 'h', '2'], 'overrides/production/a.yaml', '  alice: { f: 1, h: 2 }\n'],
    [
      'is the only one that declares the flag',
      ['zoe', 'g', '2'],
      'overrides/production/b.yaml',
      '  zoe: { g: 2 }\n',
    ],
    [
      'is named',
      ['zoe', 'f', '2', '--file', 'overrides/production/a.yaml'],
      'overrides/production/a.yaml',
      '  zoe: { f: 2 }\n',
    ],
    [
      'is created if it is named and does not exist',
      ['zoe', 'f', '2', '--file', 'overrides/production/z.yaml'],
      'overrides/production/z.yaml',
      '$schema=https://flagops.dev/schemas/overrides.schema.json\n\nproject: storefront\nenvironment: production\nusers:\n  zoe:\n    f: 2\n',
    ],
  ])('%s', async (_, args, path, added) => {
    const repo = repositoryWith(files);
    const done = await run(repo, 'set', ...args);
    expect(done, done.stderr).toMatchObject({ code: 0 });
    expect(text(repo, path)).toContain(added);
    expect(repo.git('status', '--porcelain').trim().split(/\s+/).slice(1)).toEqual([path]);
  });

  it.concurrent('has to be chosen if several fit equally', async () => {
    const repo = repositoryWith(files);
    const done = await run(repo, 'set', 'zoe', 'f', '2');
    expect(done).toMatchObject({
      code: 1,
      stderr:
        'error: several files declare for storefront/production: overrides/production/a.yaml, overrides/production/b.yaml (choose one, for example --file overrides/production/a.yaml)\n',
    });
  });

  it.concurrent('is not the only one if another one declares the override too', async () => {
    const twice = `${TOP}users:\n  alice: { f: 1 }\n# 2\n`;
    const repo = repositoryWith({ ...files, 'overrides/production/d.yaml': twice });
    expect((await run(repo, 'set', 'alice', 'f', '2')).stderr).toContain(
      'f for user "alice" is declared twice, at overrides/production/a.yaml:4:12 and overrides/production/d.yaml:4:12 (keep one of them)',
    );
  });

  it.concurrent('is found even if another file has the same content', async () => {
    const same = `${TOP}users:\n  alice: { f: 1 }\n`;
    const repo = repositoryWith({ [FILE]: same, 'overrides/production/copy.yaml': same });
    expect((await run(repo, 'set', 'alice', 'f', '2')).stderr).toContain(
      `f for user "alice" is declared twice, at ${FILE}:4:12 and overrides/production/copy.yaml:4:12`,
    );
    expect((await run(repo, 'unset', 'alice', 'f')).code).toBe(0);
    expect([text(repo), text(repo, 'overrides/production/copy.yaml')]).toEqual([TOP, TOP]);
  });

  it.concurrent(
    'is created in the first folder that the configuration allows, also in an empty repository',
    async () => {
      const repo = repositoryWith({
        'flagops.yaml': config({ declarations: ['teams/**/*.yaml'] }, { files: ['teams/web/**'] }),
      });
      const done = await run(repo, 'set', 'alice', 'f', '2', '--commit');
      expect(done, done.stderr).toMatchObject({ code: 0 });
      expect(done.stdout).toContain('created  teams/web/production/overrides.yaml\n');
      expect(repo.git('show', '--format=', '--name-status')).toBe('A\tteams/web/production/overrides.yaml');
      expect(repo.git('status', '--porcelain')).toBe('');
      expect((await run(repo, 'validate')).stdout).toContain('valid: 1 override in 1 file\n');
    },
  );

  it.concurrent(
    'is not one that may not declare for the scope, or that the configuration excludes',
    async () => {
      const repo = repositoryWith({
        'flagops.yaml': config({}, { files: ['overrides/production/**'], flags: { exclude: ['ops-*'] } }),
        [FILE]: `${TOP}users: {}\n`,
      });
      const excluded = await run(repo, 'set', 'alice', 'ops-x', '1');
      expect(excluded.stderr).toContain(
        'nothing was written: the configuration excludes ops-x from storefront/production',
      );
      const elsewhere = await run(repo, 'set', 'alice', 'f', '1', '--file', 'overrides/x.yaml');
      expect(elsewhere.stderr).toContain(
        'nothing was written: this file may not declare for storefront/production',
      );
      expect(text(repo)).toBe(`${TOP}users: {}\n`);
      expect((await run(repo, 'set', 'alice', 'f', '1')).code).toBe(0);
      expect(text(repo)).toBe(`${TOP}users:\n  alice:\n    f: 1\n`);
    },
  );
});

describe('the scope of set and unset', () => {
  const staging = 'project: storefront\nenvironment: staging\n';
  const both = 'project: storefront\nenvironments: [staging, production]\n';

  it.concurrent('has to be named if there are several', async () => {
    const repo = repositoryWith({
      [FILE]: `${TOP}users:\n  a: { f: 1 }\n`,
      'overrides/s.yaml': `${staging}users:\n  a: { f: 1 }\n`,
    });
    const several =
      'error: there are several scopes: storefront/production, storefront/staging (pass --environment production or staging)\n';
    expect(await run(repo, 'set', 'a', 'f', '2')).toMatchObject({ code: 1, stderr: several });
    expect(await run(repo, 'unset', 'a', 'f')).toMatchObject({ code: 1, stderr: several });
    expect((await run(repo, 'set', 'a', 'f', '2', '--environment', 'staging', '--commit')).code).toBe(0);
    expect(text(repo)).toContain('f: 1');
    expect(text(repo, 'overrides/s.yaml')).toContain('f: 2');
    const all = await run(repo, 'set', 'a', 'f', '3', '--environment', '*', '--commit');
    expect(repo.git('show', '--format=', '--name-only').split('\n')).toEqual([FILE, 'overrides/s.yaml']);
    expect(all.code).toBe(0);
  });

  it.concurrent('includes every environment of a file', async () => {
    const repo = repositoryWith({ [FILE]: `${both}users:\n  a: { f: 1 }\n` });
    const one = await run(repo, 'set', 'a', 'f', '2', '--environment', 'production');
    expect(one.stderr).toBe(
      `error: ${FILE}:4:8 declares f for user "a" in staging and production (pass --environment staging --environment production, or split the file by environment)\n`,
    );
    expect((await run(repo, 'unset', 'a', '--environment', 'staging')).stderr).toContain(
      'declares f for user "a" in staging and production',
    );
    const added = await run(repo, 'set', 'b', 'f', '2', '--environment', 'production');
    expect(added.stdout).toContain('created  overrides/production/overrides.yaml\n');
    const done = await run(
      repo,
      'set',
      'a',
      'f',
      '2',
      '--environment',
      'staging',
      '--environment',
      'production',
    );
    expect(done.code).toBe(0);
    expect(text(repo)).toBe(`${both}users:\n  a: { f: 2 }\n`);
  });

  it.concurrent('can be new, which is noted', async () => {
    const repo = repositoryWith({ [FILE]: `${TOP}users:\n  a: { f: 1 }\n` });
    const done = await run(repo, 'set', 'a', 'f', '1', '--project', 'storefront', '--environment', 'qa');
    expect(done.stdout).toContain('note: storefront/qa is a new scope: nothing else declares for it\n');
    expect(text(repo, 'overrides/qa/overrides.yaml')).toContain('environment: qa\n');
  });
});

describe('an override from a group', () => {
  const group = (users: string): string =>
    `${TOP}groups:\n  - name: qa\n    users: [${users}]\n    flags: { f: 1, g: 1 }\n`;

  it.concurrent('becomes one of its own, and the other members keep theirs', async () => {
    const repo = repositoryWith({ [FILE]: group('a, b, c') });
    const done = await run(repo, 'set', 'b', 'f', '2');
    expect(done.stdout).toContain(
      `note: b leaves the group "qa" at ${FILE}:4:3, and keeps its other settings; 2 other members stay\n`,
    );
    expect(text(repo)).toBe(`${TOP}users:\n  b:\n    f: 2\n    g: 1\n${group('a, c').slice(TOP.length)}`);
  });

  it.concurrent('changes in the group if the context is its only member', async () => {
    const repo = repositoryWith({ [FILE]: group('a') });
    const done = await run(repo, 'set', 'a', 'f', '2', '--expires', '2099-01-01');
    expect(done.stdout).toContain(
      `note: a is the only member of the group "qa" at ${FILE}:4:3, so the group changes\n`,
    );
    expect(text(repo)).toContain('flags: { f: { $value: 2, expires: "2099-01-01" }, g: 1 }\n');
  });

  it.concurrent('is removed from one member only', async () => {
    const repo = repositoryWith({ [FILE]: group('a, b') });
    const done = await run(repo, 'unset', 'a', 'f');
    expect(done.stdout).toContain(
      `note: a got f from the group "qa" at ${FILE}:4:3, whose other members are not changed\n`,
    );
    expect(text(repo)).toBe(`${TOP}users:\n  a:\n    g: 1\n${group('b').slice(TOP.length)}`);
    expect((await run(repo, 'unset', 'b')).code).toBe(0);
    expect(text(repo)).toBe(`${TOP}users:\n  a:\n    g: 1\n`);
  });
});

describe('arguments of set and unset', () => {
  it.concurrent.each<readonly [what: string, args: string[], error: string]>([
    ['no value', ['a', 'f'], 'there is no value (pass a value, or --variation with a name or an index)'],
    ['two values', ['a', 'f', '1', '--variation', 'x'], 'there are a value and a --variation'],
    ['no context', ['', 'f', '1'], '"" is not a context (write kind:key, for example organization:acme'],
    ['no kind', [':a', 'f', '1'], '":a" is not a context'],
    [
      'null with a date',
      ['a', 'f', 'null', '--expires', '7d'],
      'null, for no override, cannot have --expires',
    ],
    ['no date', ['a', 'f', '1', '--expires', 'soon'], '"soon" is not a date (write 12h, 7d, 2w, a date'],
    ['a wrong date', ['a', 'f', '1', '--expires', '2099-13-01'], 'nothing was written: '],
    [
      'a date in the past',
      ['a', 'f', '1', '--expires', '2020-01-01'],
      'f for user "a" in overrides/production/beta.yaml would have expired already: 2020-01-01',
    ],
    ['a number that is too large', ['a', 'f', '1e999'], 'the value holds a number that is too large'],
    ['a flag that cannot exist', ['a', 'no flag', '1'], 'nothing was written: '],
    [
      'an environment that does not exist',
      ['a', 'f', '1', '--environment', 'prod'],
      '--environment prod matches no known environment (did you mean production?)',
    ],
    [
      'an expired override without a date',
      ['old', 'f', '1'],
      'f for user "old" in overrides/production/beta.yaml would have expired already: 2020-01-01 (pass --expires with a later date',
    ],
  ])('%s', async (_, args, error) => {
    const repo = repositoryWith({
      [FILE]: `${TOP}users:\n  a: { f: 1 }\n  old: { f: { $value: 2, expires: "2020-01-01" } }\n`,
    });
    const failed = await run(repo, 'set', ...args);
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toContain(`error: ${error}`);
    expect(failed.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(repo.git('status', '--porcelain')).toBe('');
  });

  it.concurrent('values are JSON, or else text', async () => {
    const repo = repositoryWith({ [FILE]: `${TOP}users:\n  a: { f: 1 }\n` });
    for (const value of ['dark mode', '"7"', '{"$a": [1]}', '007', 'null']) {
      expect((await run(repo, 'set', 'a', `f${value.length}`, value)).code).toBe(0);
    }
    expect(text(repo)).toBe(
      `${TOP}users:\n  a: { f: 1, f11: { $value: { $a: [ 1 ] } }, f3: "007", f4: null, f9: dark mode }\n`,
    );
  });

  it.concurrent('reasons and dates are kept, changed and removed', async () => {
    const repo = repositoryWith({ [FILE]: `${TOP}users:\n  a: { f: 1 }\n` });
    const line = async (...args: string[]): Promise<string | undefined> => {
      const done = await run(repo, 'set', 'a', 'f', ...args);
      expect(done.code, done.stderr).toBe(0);
      return /^ {2}a: (.*)$/m.exec(text(repo))?.[1];
    };
    expect(await line('1', '--reason', 'Demo', '--expires', '2099-01-01')).toBe(
      '{ f: { $value: 1, expires: "2099-01-01", reason: Demo } }',
    );
    expect(await line('2')).toBe('{ f: { $value: 2, expires: "2099-01-01", reason: Demo } }');
    expect(await line('2', '--expires', 'never')).toBe('{ f: { $value: 2, reason: Demo } }');
    expect(await line('2', '--reason', '')).toBe('{ f: 2 }');
  });

  it.concurrent('what is not declared cannot be unset, and the nearest name is suggested', async () => {
    const repo = repositoryWith({ [FILE]: `${TOP}users:\n  alice: { checkout: 1 }\n` });
    expect((await run(repo, 'unset', 'alcie')).stderr).toBe(
      'error: nothing declares alcie in storefront/production (did you mean user:alice?)\n',
    );
    expect((await run(repo, 'unset', 'alice', 'chekout')).stderr).toBe(
      'error: nothing declares chekout for alice in storefront/production (did you mean checkout?)\n',
    );
  });
});

describe('the commit of an edit', () => {
  it.concurrent('contains nothing else that is staged or edited', async () => {
    const repo = repositoryWith({ [FILE]: `${TOP}users:\n  a: { f: 1 }\n`, 'x.txt': 'x\n', 'y.txt': 'y\n' });
    repo.write({ 'x.txt': 'staged\n', 'new.txt': 'staged\n' });
    repo.git('add', 'x.txt', 'new.txt');
    repo.write({ 'y.txt': 'edited\n' });
    expect((await run(repo, 'set', 'a', 'f', '2', '--commit')).code).toBe(0);
    expect(repo.git('show', '--format=', '--name-only')).toBe(FILE);
    expect(repo.git('status', '--porcelain')).toBe('A  new.txt\nM  x.txt\n M y.txt');
    expect(repo.git('fsck', '--strict')).toBe('');
  });

  it.concurrent('has the value and the reason in one line each, which cannot add a trailer', async () => {
    const repo = repositoryWith({ [FILE]: `${TOP}users:\n  a: { f: 1 }\n` });
    const reason = 'Demo\n\nSigned-off-by: Eve <eve@example.com>\u001B[31m';
    expect((await run(repo, 'set', 'a', 'f', 'x\u202Ey', '--reason', reason, '--commit')).code).toBe(0);
    expect(repo.git('log', '-1', '--format=%B')).toBe(
      'Set f to "x y" for a\n\nScope: storefront/production\nReason: Demo Signed-off-by: Eve <eve@example.com> [31m\n',
    );
  });

  it.concurrent('is refused if the file has other uncommitted edits, staged or not', async () => {
    const repo = repositoryWith({ [FILE]: `${TOP}users:\n  a: { f: 1 }\n` });
    const edited = `${TOP}users:\n  a: { f: 1 }\n  b: { f: 1 }\n`;
    repo.write({ [FILE]: edited });
    const refused = await run(repo, 'set', 'a', 'f', '2', '--commit');
    expect(refused.stderr).toBe(
      `error: ${FILE} has uncommitted edits, which --commit would include (commit or undo them first, or leave out --commit)\n`,
    );
    repo.git('add', '.');
    expect((await run(repo, 'set', 'a', 'f', '2', '--commit')).code).toBe(1);
    expect(text(repo)).toBe(edited);
    expect((await run(repo, 'set', 'a', 'f', '2')).code).toBe(0);
  });

  it.concurrent(
    'keeps line endings, a byte order mark and permissions, and commits what git would',
    async () => {
      const crlf = `\uFEFF${TOP}users:\n  a: { f: 1 }\n`.replaceAll('\n', '\r\n');
      const repo = repositoryWith({ '.gitattributes': '*.yaml text eol=crlf\n', [FILE]: crlf });
      const done = await run(repo, 'set', 'b', 'f', '2', '--commit');
      expect(done, done.stderr).toMatchObject({ code: 0 });
      expect(text(repo)).toBe(`${crlf}  b: { f: 2 }\r\n`);
      expect(repo.git('cat-file', 'blob', `HEAD:${FILE}`)).not.toContain('\r');
      expect(repo.git('status', '--porcelain')).toBe('');
    },
  );

  it.concurrent('fails before anything is written if git does not know who commits', async () => {
    const repo = repositoryWith({ [FILE]: `${TOP}users:\n  a: { f: 1 }\n` });
    repo.git('config', '--unset', 'user.name');
    repo.git('config', '--unset', 'user.email');
    repo.git('config', 'user.useConfigOnly', 'true');
    const failed = await run(repo, 'set', 'a', 'f', '2', '--commit');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('error: git cannot commit: ');
    expect(text(repo)).toContain('f: 1');
    const named = await runCli(['set', 'a', 'f', '2', '--commit'], {
      cwd: repo.path,
      env: {
        GIT_AUTHOR_NAME: 'Bot',
        GIT_AUTHOR_EMAIL: 'bot@x.y',
        GIT_COMMITTER_NAME: 'Bot',
        GIT_COMMITTER_EMAIL: 'bot@x.y',
      },
    });
    expect(named, named.stderr).toMatchObject({ code: 0 });
    expect(repo.git('log', '-1', '--format=%an <%ae>')).toBe('Bot <bot@x.y>');
  });

  it.concurrent.each(['index.lock', 'refs/heads/main.lock'])(
    'is not made if another process holds %s, and the next one does not undo the edit',
    async (lock) => {
      const repo = repositoryWith({ [FILE]: `${TOP}users:\n  a: { f: 1 }\n` });
      repo.write({ [`.git/${lock}`]: '' });
      const failed = await run(repo, 'set', 'a', 'f', '2', '--commit');
      expect(failed.code).toBe(1);
      expect(failed.stderr).toContain(`${lock}': File exists. `);
      expect(failed.stderr).toContain('(the files are edited: commit them with git commit)');
      rmSync(join(repo.path, '.git', lock));
      expect(repo.git('log', '--format=%s')).toBe('Start');
      repo.commit('By hand');
      expect(repo.git('show', `HEAD:${FILE}`)).toContain('f: 2');
    },
  );

  it.concurrent('needs a repository, and no merge in progress', async () => {
    const folder = { path: temporaryFolder() };
    writeFileSync(join(folder.path, 'flagops.yaml'), config({}, {}));
    expect((await run(folder, 'set', 'a', 'f', '2', '--commit')).stderr).toContain(
      'there is no git repository to commit to',
    );
    expect((await run(folder, 'set', 'a', 'f', '2')).code).toBe(0);
    const repo = repositoryWith({ [FILE]: `${TOP}users:\n  a: { f: 1 }\n` });
    repo.branch('other');
    repo.commit('There', { 'x.txt': 'x' });
    repo.switch('main');
    repo.commit('Here', { 'y.txt': 'y' });
    repo.git('merge', '--quiet', '--no-ff', '--no-commit', 'other');
    expect((await run(repo, 'set', 'a', 'f', '2', '--commit')).stderr).toContain('a merge is in progress');
  });

  it.concurrent('is not made through a symbolic link', async () => {
    const repo = repositoryWith({
      'real.yaml': `${TOP}users:\n  a: { f: 1 }\n`,
      'overrides/production/x': 'x',
    });
    symlinkSync('../../real.yaml', join(repo.path, FILE));
    repo.commit('Link');
    const failed = await run(repo, 'set', 'a', 'f', '2', '--commit');
    expect(failed.stderr).toContain('is not a regular file');
    expect(text(repo, 'real.yaml')).toContain('f: 1');
  });

  it.concurrent('writes all files or none', async () => {
    const repo = repositoryWith({ [FILE]: `${TOP}users:\n  a: { f: 1 }\n` });
    symlinkSync('beta.yaml', join(repo.path, 'overrides/production/link.yaml'));
    const failed = await run(repo, 'unset', 'a');
    expect(failed.stderr).toContain('overrides/production/link.yaml is not a regular file');
    expect(repo.git('status', '--porcelain', '--', FILE)).toBe('');
    expect(readdirSync(join(repo.path, 'overrides/production'))).toEqual(['beta.yaml', 'link.yaml']);
  });
});

describe('what set says', () => {
  it.concurrent('names a file relative to the working directory or to the root', async () => {
    const repo = repositoryWith({
      [FILE]: `${TOP}users:\n  a: { f: 1 }\n`,
      'overrides/production/x.yaml': TOP,
    });
    const cwd = join(repo.path, 'overrides/production');
    const set = (...args: string[]): Promise<Run> => runCli(['set', 'b', ...args], { cwd });
    expect((await set('f', '1', '--file', 'x.yaml')).stdout).toContain(
      'changed  overrides/production/x.yaml\n',
    );
    expect((await set('g', '1', '--file', 'overrides/production/x.yaml')).code).toBe(0);
    expect((await run(repo, 'set', 'c', 'g', '1', '--file', 'notes.yaml')).stderr).toBe(
      'error: --file notes.yaml is not a declaration (name a file that matches overrides/**/*.{yaml,yml}, relative to the root of the repository)\n',
    );
  });

  it.concurrent('passes on warnings about the key, and what the date of the file means', async () => {
    const repo = repositoryWith({ [FILE]: `${TOP}expires: "2099-01-01"\nusers:\n  a: { f: 1 }\n` });
    const blank = await run(repo, 'set', 'a@example.com ', 'f', '1', '--file', FILE);
    expect(blank.stdout).toContain('note: the key "a@example.com " of the kind user ');
    const dated = await run(repo, 'set', 'a', 'g', '1');
    expect(dated.stdout).toContain(`note: it expires 2099-01-01, as declared at ${FILE}:3:10\n`);
    const fresh = await run(repo, 'set', 'b', 'g', '1');
    expect(fresh.stdout).toContain('created  overrides/production/overrides.yaml\n');
  });

  it.concurrent('names a kind that is new, and a file that is not used', async () => {
    const repo = repositoryWith({ [FILE]: `${TOP}users:\n  a: { f: 1 }\n` });
    const noted =
      'note: nothing else declares contexts of the kind http; a user whose key is "http://a" is written as "user:http://a"\n';
    expect((await run(repo, 'set', 'http://a', 'f', '1')).stdout).toContain(noted);
    expect((await run(repo, 'set', 'http://b', 'f', '1')).stdout).not.toContain('note:');
    const other = await run(repo, 'set', 'a', 'f', '2', '--file', 'overrides/other.yaml');
    expect(other.stdout).toContain(`note: it is declared in ${FILE} already, so --file is not used\n`);
    expect((await run(repo, 'set', 'a', 'f', '3', '--file', FILE)).stdout).not.toContain('note:');
  });

  it.concurrent('null drops a date and a reason, which it cannot have', async () => {
    const repo = repositoryWith({
      [FILE]: `${TOP}users:\n  a: { f: { $value: 1, expires: "2099-01-01" } }\n`,
    });
    expect((await run(repo, 'set', 'a', 'f', 'null')).code).toBe(0);
    expect(text(repo)).toContain('  a: { f: null }\n');
  });
});
