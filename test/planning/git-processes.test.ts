import { expect, it } from 'vitest';
import { countedGit } from '../support/interrupting-git.js';
import { config, overrides, startWorld } from '../support/world.js';

/** Lower these numbers if a command needs fewer; each process delays a short command by a tenth of Node's own start. */
const MOST = { validate: 3, plan: 7, drift: 7, apply: 8 } as const;

it('a command that finds no difference starts no more git processes than it needs', async () => {
  const files = { 'flagops.yaml': config({}), 'overrides/a.yaml': overrides({ alice: { theme: 'dark' } }) };
  const world = await startWorld({ files });
  await world.apply();
  for (const [command, most] of Object.entries(MOST)) {
    const git = countedGit();
    const args = command === 'apply' ? [command, '--yes'] : [command];
    const run = await world.start(args, { env: { PATH: git.PATH } }).done;
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect([command, git.calls()]).toEqual([command, most]);
  }
});
