import { describe, expect, it } from 'vitest';
import { hasTerminal } from '../support/cli.js';
import { overrides, startWorld } from '../support/world.js';

const FILES = { 'overrides/a.yaml': overrides({ alice: { theme: 'dark' }, bob: { theme: 'dark' } }) };

if (!hasTerminal) console.log('tests on a terminal are skipped: there is no `script` of util-linux here');

it.concurrent('without a terminal apply only runs with --yes or CI', async () => {
  const world = await startWorld({ files: FILES });
  const refused = await world.flagops('apply');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /^error: there is no terminal to ask for confirmation on \(pass --yes to apply without asking\)$/m,
  );
  expect(world.writes).toEqual([]);
  expect((await world.run(['apply'], { env: { CI: 'true' } })).code).toBe(0);
  expect(world.writes).toHaveLength(2);
  // With nothing to apply, no confirmation is needed.
  expect((await world.flagops('apply')).code).toBe(0);
});

describe.runIf(hasTerminal)('on a terminal', () => {
  it.concurrent('apply shows the plan, asks, and applies it after yes', async () => {
    const world = await startWorld({ files: FILES });
    const run = await world.onTerminal(['apply'], 'yes\r');
    expect(run.code).toBe(0);
    expect(run.stdout.indexOf('Plan: 2 to add')).toBeLessThan(
      run.stdout.indexOf('Apply these 2 changes? [y/N]'),
    );
    expect(run.stdout).toContain('Read back 2 changes: all are live.');
    expect(world.writes).toHaveLength(2);
  });

  it.concurrent('apply changes nothing and exits with 1 after any other answer or end of input', async () => {
    const world = await startWorld({ files: FILES });
    for (const typed of ['no\r', '\r', '\u0004']) {
      const run = await world.onTerminal(['apply'], typed);
      expect(run.code).toBe(1);
      expect(run.stdout).toContain('Nothing was applied.');
    }
    expect(world.writes).toEqual([]);
  });

  it.concurrent('Ctrl-C at the question of apply changes nothing and exits with 130', async () => {
    const world = await startWorld({ files: FILES });
    const run = await world.onTerminal(['apply'], '\u0003');
    expect(run.code).toBe(130);
    expect(run.stdout).toContain('interrupted (nothing was applied)');
    expect(world.writes).toEqual([]);
  });

  it.concurrent('on a terminal output is coloured unless NO_COLOR or FORCE_COLOR=0 is set', async () => {
    const world = await startWorld({ files: FILES });
    const colour = '\u001b[3';
    expect((await world.onTerminal(['plan'], '')).stdout).toContain(colour);
    for (const env of [{ NO_COLOR: '1' }, { FORCE_COLOR: '0' }])
      expect((await world.onTerminal(['plan'], '', env)).stdout).not.toContain(colour);
    expect((await world.flagops('plan')).stdout).not.toContain(colour);
  });
});
