import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { config, overrides, short, startWorld, type World } from '../support/world.js';

const BOUND = config({}, { files: ['overrides/production/**'] });
const ALICE = { alice: { theme: 'dark' } };

/** Every command that reads declarations refuses them; returns what each prints. */
async function refusals(world: World): Promise<string[]> {
  const outputs: string[] = [];
  for (const args of [
    ['validate'],
    ['plan'],
    ['apply', '--yes', '--force', '--allow-dirty'],
    ['drift'],
    ['matrix'],
  ]) {
    const run = await world.run(args);
    expect(run.code, args.join(' ')).toBe(1);
    outputs.push(run.stdout + run.stderr);
  }
  expect(world.writes).toEqual([]);
  return outputs;
}

describe('a scope with files', () => {
  it('every command refuses a declaration for the scope in another file, with its position', async () => {
    const world = await startWorld({
      files: {
        'flagops.yaml': BOUND,
        'overrides/production/a.yaml': overrides({}),
        'overrides/staging/b.yaml': overrides(ALICE),
      },
    });
    for (const output of await refusals(world)) {
      expect(output).toContain(
        'overrides/staging/b.yaml:2:14 file-not-allowed this file may not declare for storefront/production, ' +
          'only files that match overrides/production/** (move the declaration to one of those, or add this ' +
          'file to files of that scope in flagops.yaml)',
      );
    }
    world.repo.git('mv', 'overrides/staging/b.yaml', 'overrides/production/b.yaml');
    world.repo.commit('Move it');
    await world.apply();
    expect(world.live('theme', 'alice')).toBe('dark');
  });

  it('a link in the folder of the scope cannot bring in a declaration from another one', async () => {
    const world = await startWorld({
      files: { 'flagops.yaml': BOUND, 'shared/b.yaml': overrides(ALICE) },
    });
    mkdirSync(join(world.repo.path, 'overrides/production'), { recursive: true });
    symlinkSync('../../shared/b.yaml', join(world.repo.path, 'overrides/production/a.yaml'));
    world.repo.commit('Link');
    for (const output of await refusals(world)) {
      expect(output).toContain('overrides/production/a.yaml:2:14 file-not-allowed this symbolic link');
      expect(output).toContain('(replace the link with a copy of shared/b.yaml)');
    }
  });

  it('a .gitattributes in the folder of the scope cannot change its content, nor can one in another folder', async () => {
    const world = await startWorld({
      files: {
        'flagops.yaml': BOUND,
        'overrides/production/a.yaml': overrides(ALICE),
        'overrides/staging/.gitattributes': '../production/*.yaml filter=vault\n*.yaml filter=vault\n',
      },
    });
    expect((await world.flagops('validate')).code).toBe(0);
    world.repo.commit('Deeper', { 'overrides/production/.gitattributes': '*.yaml filter=vault\n' });
    for (const output of await refusals(world))
      expect(output).toContain('overrides/production/a.yaml:1:1 content-filter');
  });

  it('a folder whose name differs only in upper and lower case is another folder', async () => {
    const world = await startWorld({
      files: { 'flagops.yaml': BOUND, 'overrides/Production/a.yaml': overrides(ALICE) },
    });
    for (const output of await refusals(world))
      expect(output).toContain('overrides/Production/a.yaml:2:14 file-not-allowed');
  });

  it('a file that is committed in such a folder, but found on disk in the allowed one, is an edit', async () => {
    // As on a file system that does not distinguish them. Without the folder in the globs it is not searched here.
    const files = {
      'flagops.yaml': config(
        { declarations: ['overrides/production/*'] },
        { files: ['overrides/production/**'] },
      ),
    };
    const world = await startWorld({ files });
    const { repo } = world;
    repo.write({ 'overrides/production/a.yaml': overrides(ALICE) });
    const blob = repo.git('hash-object', '-w', 'overrides/production/a.yaml');
    repo.git('update-index', '--add', '--cacheinfo', `100644,${blob},overrides/Production/a.yaml`);
    repo.git('commit', '--quiet', '--message', 'In the other folder');
    const applied = await world.flagops('apply', '--yes', '--force');
    expect(applied.code).toBe(4);
    expect(applied.stdout).toContain('overrides/production/a.yaml is not committed');
    expect(world.writes).toEqual([]);
  });

  it('history does not ask for files: what was declared elsewhere before is still ours', async () => {
    const both = { ...ALICE, bob: { theme: 'dark' } };
    const world = await startWorld({ files: { 'overrides/a.yaml': overrides(both) } });
    world.applied(both);
    // Declared by a commit after the last-applied one, too.
    world.repo.commit('Carol', {
      'overrides/a.yaml': overrides({ ...both, carol: { theme: 'contrast' } }),
    });
    world.touch('theme', 'carol', 'contrast');
    world.repo.git('rm', '--quiet', 'overrides/a.yaml');
    world.repo.commit('Files for production', {
      'flagops.yaml': BOUND,
      'overrides/production/a.yaml': overrides(ALICE),
    });
    expect(short(await world.plan())).toEqual(['remove theme user bob', 'remove theme user carol']);
  });
});
