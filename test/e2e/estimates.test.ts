import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { config, overrides, startWorld, type World } from '../support/world.js';

const FILE = 'overrides/production.yaml';

function users(count: number, theme: string): string {
  return overrides(Object.fromEntries(Array.from({ length: count }, (_, index) => [`u${index}`, { theme }])));
}

/** The lines of a plan with its estimate. */
async function takes(world: World, ...args: string[]): Promise<string[]> {
  const { stdout, stderr } = await world.flagops('plan', ...args);
  const lines = stdout.split('\n').filter((line) => line.includes('writes per 10 s'));
  if (lines.length === 0) throw new Error(`no estimate in:\n${stdout}${stderr}`);
  return lines;
}

test('the estimate of a plan uses the write limits that an earlier apply saw, and says so', async () => {
  const world = await startWorld({
    simulator: { limits: { route: 30, global: 100 } },
    files: { 'flagops.yaml': config({ rate: { reserve: '20%' } }), [FILE]: users(2, 'dark') },
  });
  const assumed = '2 requests, at most about 1 s at 5 writes per 10 s (assumed).';
  expect(await takes(world)).toEqual([assumed]);
  await world.apply();
  world.repo.commit('light for all', { [FILE]: users(60, 'light') });
  expect(await takes(world, '--force')).toEqual([
    '60 requests, about 20 s at 24 writes per 10 s (as last seen).',
  ]);
  // No limit of patches was seen so far.
  expect(await takes(world, '--force', '--batch')).toEqual([
    '1 request, at most about 1 s at 5 writes per 10 s (assumed).',
  ]);
  const { estimate } = JSON.parse((await world.flagops('plan', '--force', '--format', 'json')).stdout) as {
    estimate: unknown;
  };
  expect(estimate).toMatchObject({
    requests: 60,
    put: { requests: 60, seconds: 20, pace: { writes: 24, seconds: 10, basis: 'seen' } },
    batch: { requests: 1, seconds: 1, pace: { writes: 5, seconds: 10, basis: 'assumed' } },
    paces: { users: { writes: 24 }, contexts: { basis: 'assumed' }, all: { writes: 80, basis: 'seen' } },
  });
  rmSync(join(world.repo.path, '.git/flagops'), { recursive: true });
  expect(await takes(world, '--force')).toEqual([
    '60 requests, at most about 2 min at 5 writes per 10 s (assumed).',
    'With writes: batch (or --batch): 1 request, at most about 1 s at 5 writes per 10 s (assumed).',
  ]);
});

test.each([
  ['the global limit that it sees itself', {}, '1 s at 4 writes per 10 s (as last seen)'],
  ['the configured maximum', { writesPerSecond: 0.25 }, '16 s at 2.5 writes per 10 s (as configured)'],
])('the estimate of a plan uses %s', async (_, rate, time) => {
  const world = await startWorld({
    simulator: { limits: { global: 4 } },
    files: { 'flagops.yaml': config({ rate: { reserve: '0%', ...rate } }), [FILE]: users(4, 'dark') },
  });
  expect(await takes(world)).toEqual([`4 requests, about ${time}.`]);
});
