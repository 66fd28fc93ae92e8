import { afterEach, describe, expect, test } from 'vitest';
import type { FlagReader } from '../../../src/launchdarkly/client.js';
import { connect } from '../../../src/launchdarkly/connect.js';
import { parseDatesAnswer } from '../../../src/launchdarkly/read/dates.js';
import { Simulator } from '../../../src/simulator/simulator.js';
import { storefrontSeed } from '../../support/seeds.js';
import { json, options, startServer } from '../server.js';

const SCOPE = { project: 'storefront', environment: 'production' };

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A reader of a server that has this response for the dates of every flag. */
async function readerOf(body: unknown): Promise<FlagReader> {
  const server = await startServer((_, response) => json(response, 200, body));
  stops.push(server.stop);
  return connect(options(server.url));
}

describe('the dates of a flag', () => {
  test('the dates of a flag are read with kind, key, variation and time', async () => {
    const targets = [{ variation: 1, values: ['alice'], expires: '2099-01-01T00:00:00Z' }];
    const contextTargets = [
      { contextKind: 'organization', variation: 0, values: ['a/b'], expires: '2099-02-01T00:00:00Z' },
    ];
    const simulator = new Simulator({
      seed: storefrontSeed({
        flags: { theme: { environments: { production: { targets, contextTargets } } } },
      }),
    });
    const { url } = await simulator.start();
    stops.push(() => simulator.stop());
    const reader = connect(options(url, { token: 'api-reader' }));
    const ids = simulator.flag('storefront', 'theme').variations.map(({ id }) => id);
    expect(await reader.listDates(SCOPE, 'theme')).toEqual([
      { kind: 'user', key: 'alice', variationId: ids[1], at: Date.UTC(2099, 0, 1) },
      { kind: 'organization', key: 'a/b', variationId: ids[0], at: Date.UTC(2099, 1, 1) },
    ]);
    expect(await reader.listDates(SCOPE, 'no-such-flag')).toEqual([]);
    await expect(reader.listDates({ ...SCOPE, environment: 'prodution' }, 'theme')).rejects.toMatchObject({
      code: 'unknown-environment',
    });
  });

  test.each([
    ['the dates of f in production is not an object', []],
    ['the dates of f in production is not a list', { items: 1 }],
    [
      'an item of the dates of f in production has no time',
      { items: [{ contextKind: 'user', contextKey: 'a' }] },
    ],
    [
      'a context key of the dates of f in production is not a string',
      { items: [{ contextKind: 'user', contextKey: 1, expirationDate: 1 }] },
    ],
  ])('a response is refused if %s', async (problem, body) => {
    const reader = await readerOf(body);
    await expect(reader.listDates(SCOPE, 'f')).rejects.toMatchObject({
      code: 'unexpected-answer',
      message: expect.stringContaining(problem) as string,
    });
  });
});

describe('the answer to a patch of dates', () => {
  test.each<[string, unknown, Readonly<Record<number, string>>, boolean]>([
    ['success', { items: [], failedInstructions: 0, errors: [] }, {}, true],
    ['success without counts', { items: [] }, {}, true],
    [
      'one failure',
      { failedInstructions: 1, errors: [{ instructionIndex: 1, message: 'no' }] },
      { 1: 'no' },
      true,
    ],
    [
      'a failure without a reason',
      { failedInstructions: 1, errors: [{ instructionIndex: 0 }] },
      { 0: 'no reason given' },
      true,
    ],
    ['a failure that is not named', { failedInstructions: 1 }, {}, false],
    [
      'more failures than errors',
      { failedInstructions: 2, errors: [{ instructionIndex: 0, message: 'x' }] },
      { 0: 'x' },
      false,
    ],
    [
      'an error of no instruction',
      { failedInstructions: 1, errors: [{ instructionIndex: 7, message: 'x' }] },
      {},
      false,
    ],
    [
      'control characters',
      { failedInstructions: 1, errors: [{ instructionIndex: 0, message: 'a\u001b\nb' }] },
      { 0: 'a b' },
      true,
    ],
    ['nothing', undefined, {}, false],
  ])('%s', (_, response, errors, othersSucceeded) => {
    const answer = parseDatesAnswer(response, 3);
    expect(Object.fromEntries(answer.errors)).toEqual(errors);
    expect(answer.othersSucceeded).toBe(othersSucceeded);
  });
});
