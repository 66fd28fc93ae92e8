import { expect, it } from 'vitest';
import { config, overrides, short, startWorld } from '../support/world.js';

const FILE = 'overrides/a.yaml';

it('validate, plan and apply fail if a declaration does not comply with the policies, and history does not have to', async () => {
  const users = { alice: { theme: 'dark' }, bob: { theme: 'dark' } };
  const world = await startWorld({
    files: { [FILE]: overrides(users) },
  });
  world.applied(users);
  const policies = config({}, { policies: { require: ['owner'], maxPerFlag: 1 } });
  world.repo.commit('Ask for an owner', { 'flagops.yaml': policies });
  for (const args of [['validate'], ['plan'], ['apply', '--yes']]) {
    const { code, stdout, stderr } = await world.flagops(...args);
    expect(code).toBe(1);
    expect(`${stdout}${stderr}`).toMatch(
      /overrides\/a\.yaml:5:5 owner-missing 2 overrides in this file have no owner, .*\(add owner at the top of the file\)/,
    );
    expect(`${stdout}${stderr}`).toContain('overrides/a.yaml:7:5 too-many-for-flag theme has 2 overrides');
  }
  world.repo.commit('Bob is done', { [FILE]: overrides({ alice: { theme: 'dark' } }, { owner: 'team-a' }) });
  expect(short(await world.plan())).toEqual(['remove theme user bob']);
});
