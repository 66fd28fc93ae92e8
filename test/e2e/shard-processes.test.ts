import { expect, it } from 'vitest';
import { runFleet } from '../support/fleet.js';

// How near to the limit they come is measured by `npm run bench -- processes`.
it('8 processes on one account do all of it, and are hardly ever refused', async () => {
  const changes = 300;
  const allowed = 100;
  const run = await runFleet({
    processes: 8,
    changes,
    flags: 60,
    limits: { route: allowed },
    reserve: '0%',
  });
  expect(run.shards.map(({ code }) => code)).toEqual(run.shards.map(() => 0));
  expect(run.written).toBe(changes);
  expect(run.live).toBe(changes);
  expect(run.refused / run.requests).toBeLessThan(0.01);

  // The last one, for everything, finds no difference and records.
  expect(run.last.code).toBe(0);
  expect(run.last.output).toContain('Nothing to apply');
  expect(run.late).toBe(0);
  expect(run.recorded).toBe(run.head);
}, 180_000);
