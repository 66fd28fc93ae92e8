import { expect, it } from 'vitest';
import { startGitServer } from '../support/git-server.js';
import { REPOSITORY } from '../support/github.js';
import { temporaryFolder } from '../support/repository.js';
import { overrides, startWorld } from '../support/world.js';

const FILES = { 'overrides/a.yaml': overrides({ alice: { theme: 'dark' } }) };
const SECRET = 'hunter2';

it.concurrent(
  'apply stops before it writes if the last-applied refs cannot be fetched; plan warns; --local-refs continues',
  async () => {
    const world = await startWorld({ files: FILES });
    const { repo } = world;
    const server = await startGitServer('token');
    const { port } = new URL(server.url);
    repo.git('remote', 'add', 'origin', 'replaced below');
    const causes = [
      [`http://me:${SECRET}@127.0.0.1:1/x.git?token=${SECRET}`, /127\.0\.0\.1/],
      [`http://me:${SECRET}@127.0.0.1:${port}/${REPOSITORY}`, /Authentication failed/],
      [`${server.url}/${REPOSITORY}`, /could not read Username/],
      [`${temporaryFolder()}/nowhere.git`, /does not appear to be a git repository/],
      ['ssh://me@127.0.0.1:1/x.git', /Connection refused|cannot run ssh/],
    ] as const;
    for (const [url, cause] of causes) {
      repo.git('remote', 'set-url', 'origin', url);
      const run = await world.flagops('apply', '--yes', '--force');
      expect(run.code).toBe(1);
      expect(run.stdout).toBe('');
      const errors = run.stderr.split('\n').filter((line) => line.startsWith('error: '));
      expect(errors).toEqual([
        expect.stringMatching(
          /^error: the last-applied refs could not be fetched \(remote origin\): .+ \(check that git fetch origin works here; --local-refs .*\)$/,
        ),
      ]);
      expect(errors[0]).toMatch(cause);
      expect(run.stderr).not.toContain(SECRET);
    }
    expect(world.simulator.requests).toEqual([]);

    const plan = await world.plan();
    expect(plan.run.code).toBe(0);
    expect(plan.changes).toHaveLength(1);
    expect(plan.warnings).toEqual([
      expect.stringMatching(
        /^the last-applied refs could not be fetched \(remote origin\): .*apply refuses to start/,
      ),
    ]);
    expect(plan.run.stdout).not.toContain(SECRET);
    expect((await world.flagops('drift')).code).toBe(0);
    const offline = await world.apply('--local-refs');
    expect(offline.stderr).not.toContain('could not be fetched');
    expect(world.live('theme', 'alice')).toBe('dark');
  },
);

it.concurrent(
  'with several remotes and no upstream apply stops and plan warns; with an upstream both work',
  async () => {
    const world = await startWorld({ files: FILES });
    const { repo } = world;
    for (const name of ['a', 'b']) repo.git('remote', 'add', name, temporaryFolder());
    const refused = await world.flagops('apply', '--yes');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /^error: the last-applied refs could not be fetched: there are several remotes \(a, b\).*\(run git branch --set-upstream-to.*\)$/m,
    );
    expect(world.simulator.requests).toEqual([]);
    expect((await world.plan()).warnings).toEqual([
      expect.stringContaining('there are several remotes (a, b)'),
    ]);
    repo.addRemote('c');
    await world.apply();
  },
);

it.concurrent('apply stops and plan warns before the first commit too', async () => {
  const world = await startWorld();
  const { repo } = world;
  repo.write(FILES);
  repo.git('remote', 'add', 'origin', `${temporaryFolder()}/nowhere.git`);
  const args = ['apply', '--yes', '--allow-dirty', '--force'];
  const refused = await world.flagops(...args);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/^error: the last-applied refs could not be fetched \(remote origin\)/m);
  expect(world.simulator.requests).toEqual([]);
  expect((await world.plan()).warnings).toEqual([
    expect.stringContaining('the last-applied refs could not be fetched (remote origin)'),
    expect.stringContaining('nothing is committed yet'),
    expect.stringContaining(' not committed: apply refuses uncommitted edits'),
  ]);
  expect((await world.flagops(...args, '--local-refs')).code).toBe(0);
  expect(world.live('theme', 'alice')).toBe('dark');
});

it.concurrent('apply continues without a remote, and with a remote that has no such refs', async () => {
  const world = await startWorld({ files: FILES });
  expect((await world.apply()).stderr).not.toContain('could not be fetched');
  world.repo.commit('Bob', { 'overrides/b.yaml': overrides({ bob: { theme: 'dark' } }) });
  world.repo.addRemote();
  expect((await world.apply()).stderr).not.toContain('could not be fetched');
});
