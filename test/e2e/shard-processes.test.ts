import { expect, it } from 'vitest';
import { runFleet } from '../support/fleet.js';

// With the default reserve. `npm run bench -- processes` measures other settings, and how close they get to the limit.
it('8 processes on one account complete all changes with hardly any 429', async () => {
  const changes = 300;
  const allowed = 100;
  const run = await runFleet({
    processes: 8,
    changes,
    flags: 60,
    limits: { route: allowed },
    reserve: '10%',
  });
  expect(run.shards.map(({ code }) => code)).toEqual(run.shards.map(() => 0));
  expect(run.written).toBe(changes);
  expect(run.live).toBe(changes);
  expect(run.refused / run.requests).toBeLessThan(0.01);

  // The final apply of everything finds no difference and records.
  expect(run.last.code).toBe(0);
  expect(run.last.output).toContain('Nothing to apply');
  expect(run.late).toBe(0);
  expect(run.recorded).toBe(run.head);
}, 180_000);
