import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { blobId } from '../../src/declare/cache/blob-id.js';
import { openCache } from '../../src/declare/cache/cache.js';
import { encodeParsed } from '../../src/declare/cache/encode.js';
import { parseDeclaration } from '../../src/declare/parse/parse.js';
import { SourceText } from '../../src/yaml/source.js';
import { overrides, startWorld, type World } from '../support/world.js';

const FILE = 'overrides/production.yaml';

/** Swaps entries of the cache, so that a run that uses it reads the declarations of another file. */
function poison({ repo }: World, content: string, instead: string): void {
  const cache = openCache(repo.path);
  const parsed = parseDeclaration(new SourceText(FILE, instead));
  cache?.put(blobId(Buffer.from(content)), encodeParsed(parsed));
  cache?.put('filler', 'x'.repeat(10_000));
  cache?.save();
}

function forget({ repo }: World): void {
  rmSync(join(repo.path, '.git/flagops'), { recursive: true, force: true });
}

const many = (value: string): string =>
  overrides(
    Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`user-${index}`, { theme: value }])),
  );

describe('the cache of parsed files', () => {
  test('files in history are read from the cache instead of being parsed again', async () => {
    const world = await startWorld();
    const past = overrides({ alice: { theme: 'dark' } });
    world.repo.commit('Alice gets the dark theme', { [FILE]: past });
    world.repo.commit('Bob gets it too', {
      [FILE]: overrides({ alice: { theme: 'dark' }, bob: { theme: 'dark' } }),
    });
    const provenance = async (): Promise<string | undefined> =>
      (await world.plan('--context', 'alice')).changes[0]?.provenance.commit?.subject;
    expect(await provenance()).toBe('Alice gets the dark theme');
    // If the first commit had not declared Alice, the second one would be named.
    poison(world, past, overrides({ carol: { theme: 'dark' } }));
    expect(await provenance()).toBe('Bob gets it too');
    forget(world);
    expect(await provenance()).toBe('Alice gets the dark theme');
  });

  test('a plan writes the files that it parsed to the cache, including those in history', async () => {
    const world = await startWorld();
    for (const value of ['dark', 'light', 'dark'])
      world.repo.commit(value, { [FILE]: `# ${value}\n${many(value)}` });
    await world.plan();
    const cache = openCache(world.repo.path);
    for (const value of ['dark', 'light'])
      expect(cache?.get(blobId(Buffer.from(`# ${value}\n${many(value)}`)))).toContain('user-399');
  });

  test('a plan is the same with and without the cache', async () => {
    const world = await startWorld();
    for (const value of ['dark', 'light', 'dark']) world.repo.commit(value, { [FILE]: many(value) });
    const cold = await world.plan();
    expect(cold.changes).toHaveLength(400);
    const warm = await world.plan();
    expect({ ...warm, run: undefined }).toEqual({ ...cold, run: undefined });
  });

  test('a plan works without the cache if the git directory is not writable', async () => {
    const world = await startWorld({ files: { [FILE]: many('dark') } });
    const git = join(world.repo.path, '.git');
    chmodSync(git, 0o500);
    try {
      const run = await world.run(['validate']);
      expect(run).toMatchObject({ code: 0, stderr: '' });
      // Permissions do not stop root.
      if (process.getuid?.() !== 0) expect(readdirSync(git)).not.toContain('flagops');
    } finally {
      chmodSync(git, 0o700);
    }
  });

  test('validate reports the same findings and positions with the cache', async () => {
    const twice = `groups:\n  - { name: qa, users: [bob, bob], flags: { theme: dark } }\n`;
    const world = await startWorld({ files: { [FILE]: `${many('dark')}${twice}` } });
    for (const more of ['', 'oops: true\n', 'owner: ada\n']) {
      world.repo.write({ 'overrides/more.yaml': `${many('dark')}${more}` });
      const runs = [];
      for (let time = 0; time < 3; time += 1) runs.push(await world.flagops('validate'));
      const [cold] = runs;
      expect(cold?.stdout).toContain('overrides/production.yaml:805:');
      expect(runs).toEqual(runs.map(() => cold));
      forget(world);
    }
  });

  test('parallel runs share the cache', async () => {
    const world = await startWorld({ files: { [FILE]: many('dark') } });
    const runs = await Promise.all(Array.from({ length: 4 }, () => world.start(['validate']).done));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(openCache(world.repo.path)?.get(blobId(Buffer.from(many('dark'))))).toContain('user-399');
  });
});
