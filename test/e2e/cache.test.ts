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

/** Makes whoever reads the cache take a file's content for what another one says. */
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

describe('parsed files that are remembered', () => {
  test('answer for files of the past, which are not parsed again', async () => {
    const world = await startWorld();
    const past = overrides({ alice: { theme: 'dark' } });
    world.repo.commit('Alice gets the dark theme', { [FILE]: past });
    world.repo.commit('Bob gets it too', {
      [FILE]: overrides({ alice: { theme: 'dark' }, bob: { theme: 'dark' } }),
    });
    const provenance = async (): Promise<string | undefined> =>
      (await world.plan('--context', 'alice')).changes[0]?.provenance.commit?.subject;
    expect(await provenance()).toBe('Alice gets the dark theme');
    // Were the first commit to declare nothing of Alice, the second would have been the one.
    poison(world, past, overrides({ carol: { theme: 'dark' } }));
    expect(await provenance()).toBe('Bob gets it too');
    forget(world);
    expect(await provenance()).toBe('Alice gets the dark theme');
  });

  test('are written down by a plan, those of the past too', async () => {
    const world = await startWorld();
    for (const value of ['dark', 'light', 'dark'])
      world.repo.commit(value, { [FILE]: `# ${value}\n${many(value)}` });
    await world.plan();
    const cache = openCache(world.repo.path);
    for (const value of ['dark', 'light'])
      expect(cache?.get(blobId(Buffer.from(`# ${value}\n${many(value)}`)))).toContain('user-399');
  });

  test('change nothing about a plan', async () => {
    const world = await startWorld();
    for (const value of ['dark', 'light', 'dark']) world.repo.commit(value, { [FILE]: many(value) });
    const cold = await world.plan();
    expect(cold.changes).toHaveLength(400);
    const warm = await world.plan();
    expect({ ...warm, run: undefined }).toEqual({ ...cold, run: undefined });
  });

  test('are done without where the git directory cannot be written', async () => {
    const world = await startWorld({ files: { [FILE]: many('dark') } });
    const git = join(world.repo.path, '.git');
    chmodSync(git, 0o500);
    try {
      const run = await world.run(['validate']);
      expect(run).toMatchObject({ code: 0, stderr: '' });
      // Whoever may write everywhere is not kept from it.
      if (process.getuid?.() !== 0) expect(readdirSync(git)).not.toContain('flagops');
    } finally {
      chmodSync(git, 0o700);
    }
  });

  test('leave what validate says as it is, warnings and errors with their places', async () => {
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

  test('are shared by runs side by side', async () => {
    const world = await startWorld({ files: { [FILE]: many('dark') } });
    const runs = await Promise.all(Array.from({ length: 4 }, () => world.start(['validate']).done));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(openCache(world.repo.path)?.get(blobId(Buffer.from(many('dark'))))).toContain('user-399');
  });
});
