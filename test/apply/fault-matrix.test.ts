import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { applyChanges } from '../../src/apply/apply.js';
import { everyRequestAnswered, exitCode } from '../../src/apply/report.js';
import { verify } from '../../src/apply/verify.js';
import type { Change } from '../../src/reconcile/plan.js';
import type { FaultEffect } from '../../src/simulator/faults/fault.js';
import { parseFault } from '../../src/simulator/faults/parse.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { skippingClock } from '../launchdarkly/server.js';
import { batchStage } from './setup.js';

/** Every kind of fault. A timeout is a latency that is longer than the timeout of an attempt. */
const KINDS: Readonly<Record<FaultEffect['kind'], readonly string[]>> = {
  latency: ['latency=5', 'latency=80'],
  'reset-before': ['reset-before'],
  'reset-after': ['reset-after'],
  status: ['status=404', 'status=405', 'status=410', 'status=500', 'status=502', 'status=503'],
  'status-after': ['status-after=500', 'status-after=502'],
  late: ['late=30'],
  'api-version': ['api-version'],
  conflict: ['conflict'],
  'ip-limit': ['ip-limit=5'],
  truncate: ['truncate'],
  malformed: ['malformed'],
  'slow-body': ['slow-body=20', 'slow-body=150'],
  'no-rate-headers': ['no-rate-headers'],
  'past-reset': ['past-reset'],
};
const FAULTS = Object.values(KINDS).flat();

/** Milliseconds. */
const ATTEMPT = 50;

interface Case {
  readonly mode: 'put' | 'batch';
  /** Faults of the first and of the last write, of looking overrides up, and of reading back. */
  readonly first: string | undefined;
  readonly last: string | undefined;
  readonly lookup: string | undefined;
  readonly readBack: string | undefined;
  /** Whether faults of writes happen once or always. */
  readonly when: 'once' | 'always';
  /** What ends the run early: an interruption after the first write was answered or not, or its time limit. */
  readonly end: 'none' | 'interrupted' | 'time limit';
  readonly verified: boolean;
  /** How many flags are written to in parallel. */
  readonly concurrency: number;
  readonly strict: boolean;
}

const SCOPE = ['storefront', 'production'] as const;

function isLive(simulator: Simulator, { flag, kind, key, after }: Change): boolean {
  return simulator.variationOf(...SCOPE, flag, kind, key) === after?.variation;
}

/** Runs an apply and compares its report with what is really live. Returns what the report says wrongly. */
async function untruthsOf(one: Case): Promise<readonly string[]> {
  const stop = new AbortController();
  let answered = 0;
  const { simulator, writer, named } = await batchStage({
    onAnswered: ({ method }) => {
      answered += 1;
      if (one.end === 'interrupted' && method !== 'GET') stop.abort();
    },
    connection: {
      api: 'auto',
      signal: stop.signal,
      timeouts: { attempt: ATTEMPT, run: one.end === 'time limit' ? 900 : 3_600_000 },
    },
  });
  simulator.setTarget(...SCOPE, 'theme', { kind: 'user', key: 'bob', variation: 0 });
  simulator.setTarget(...SCOPE, 'theme', { kind: 'user', key: 'carol', variation: 2 });
  const changes = [
    named('theme', 'alice', 1),
    named('theme', 'bob', 1, { before: 0 }),
    named('theme', 'carol', null, { before: 2 }),
    named('checkout-v2', 'dave', 1),
  ];
  const { faults } = simulator;
  const add = (fault: string | undefined, rest: string): void => {
    if (fault !== undefined) faults.add(parseFault(`${fault},${rest}`));
  };
  const [method, first, last] =
    one.mode === 'put' ? ['PUT', '*/alice/*', '*/dave/*'] : ['PATCH', '*/theme', '*/checkout-v2'];
  add(one.first, `${one.when},method=${method},path=${first}`);
  add(one.last, `${one.when},method=${method},path=${last}`);
  add(one.lookup, 'method=GET');
  const written = await applyChanges(
    { changes, dates: [] },
    {
      writer,
      clock: skippingClock(),
      concurrency: one.concurrency,
      writes: { mode: one.mode, values: 500 },
      signal: stop.signal,
      ignoreConflicts: false,
      dryRun: false,
      commentOf: ({ key }) => `for ${key}`,
      strict: one.strict,
    },
  );
  faults.clear();
  add(one.readBack, 'method=GET');
  const { outcomes, verification } =
    one.verified && !stop.signal.aborted
      ? await verify(written, { reader: writer, clock: skippingClock(), signal: stop.signal })
      : { ...written, verification: undefined };
  const code = exitCode({
    outcomes,
    dates: [],
    verification,
    interrupted: stop.signal.aborted,
    unrecorded: [],
  });
  const liveAtOnce = changes.map((change) => isLive(simulator, change));
  // Requests that the client gave up can still take effect.
  await vi.waitFor(() => expect(answered).toBe(simulator.requests.length), { interval: 5, timeout: 5000 });
  const liveAtEnd = changes.map((change) => isLive(simulator, change));
  const wrote = simulator.auditLog().some(({ comment = '' }) => comment.startsWith('for '));

  await simulator.stop();

  const untruths: string[] = [];
  const hold = (isTrue: boolean, claim: string, about: unknown): void => {
    if (!isTrue) untruths.push(`${claim}: ${JSON.stringify({ ...one, code, about })}`);
  };
  for (const [index, outcome] of outcomes.entries()) {
    const { change, status, message, unanswered } = outcome;
    const live = liveAtEnd[index] === true;
    hold(change === changes[index], 'the outcomes have the order of the changes', outcome);
    if (status === 'applied') {
      hold(live && liveAtOnce[index] === true, 'what was applied is live', outcome);
    } else if (unanswered === true) {
      hold(message.includes('an answer was lost'), 'a lost answer is reported', outcome);
      hold(['failed', 'unknown'].includes(status), 'a lost answer is not skipped', outcome);
      hold(status === 'unknown' || !live || canBeLate(one), 'what has failed is not live', outcome);
    } else {
      hold(!live, 'without a lost answer, what was not applied is not live', outcome);
      hold(status !== 'unknown', 'without a lost answer, every outcome is known', outcome);
    }
  }
  const open = outcomes.filter(({ status }) => status !== 'applied');
  const mayHaveWritten = wrote || !everyRequestAnswered(outcomes);
  const allowed: Readonly<Record<number, boolean>> = {
    0: open.length === 0 && !stop.signal.aborted,
    1: !mayHaveWritten,
    3: mayHaveWritten && !stop.signal.aborted,
    5: open.length > 0 && open.every(({ status }) => status === 'approval-required'),
    130: stop.signal.aborted,
  };
  hold(allowed[code] === true, 'the exit code is that of the table', outcomes);
  return untruths;
}

/** Whether a write can take effect after its override was looked up. */
function canBeLate({ first, last }: Case): boolean {
  return [first, last].some((fault) => /late|latency/.test(fault ?? ''));
}

const WRITES = ['put', 'batch'] as const;
const UNDISTURBED = {
  first: undefined,
  last: undefined,
  lookup: undefined,
  readBack: undefined,
  end: 'none',
  when: 'once',
  verified: true,
  concurrency: 1,
  strict: false,
} as const;

test.each(WRITES.flatMap((mode) => FAULTS.map((fault) => [fault, mode] as const)))(
  'the fault %s at any place of an apply (%s) leaves a true report and exit code',
  async (fault, mode) => {
    const cases: readonly Omit<Case, 'mode'>[] = [
      { ...UNDISTURBED, first: fault },
      { ...UNDISTURBED, first: fault, when: 'always', verified: false },
      { ...UNDISTURBED, last: fault },
      { ...UNDISTURBED, last: fault, when: 'always', lookup: 'reset-before' },
      { ...UNDISTURBED, first: fault, when: 'always', end: 'interrupted' },
      { ...UNDISTURBED, first: fault, when: 'always', end: 'time limit' },
      { ...UNDISTURBED, first: 'reset-after', when: 'always', lookup: fault },
      { ...UNDISTURBED, first: 'reset-after', when: 'always', lookup: fault, end: 'interrupted' },
      { ...UNDISTURBED, first: 'reset-before', when: 'always', lookup: 'reset-before', readBack: fault },
      { ...UNDISTURBED, readBack: fault },
    ];
    const untruths = await Promise.all(cases.map((one) => untruthsOf({ ...one, mode })));
    expect(untruths.flat()).toEqual([]);
  },
);

test('any combination of faults leaves a true report and exit code', async () => {
  const fault = fc.option(fc.constantFrom(...FAULTS), { nil: undefined, freq: 3 });
  const anyCase: fc.Arbitrary<Case> = fc.record({
    mode: fc.constantFrom(...WRITES),
    first: fault,
    last: fault,
    lookup: fault,
    readBack: fault,
    when: fc.constantFrom('once', 'always'),
    end: fc.constantFrom('none', 'interrupted', 'time limit'),
    verified: fc.boolean(),
    concurrency: fc.integer({ min: 1, max: 2 }),
    strict: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(anyCase, async (one) => {
      expect(await untruthsOf(one)).toEqual([]);
    }),
    { numRuns: 40 },
  );
});
