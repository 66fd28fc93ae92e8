import type { ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { connectWriter } from '../../src/launchdarkly/connect.js';
import { json, options, startServer, type TestServer } from '../launchdarkly/server.js';
import { applyWith, BATCH, dark, ends, type Stage, THEME } from './setup.js';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** An apply against a server that answers patches with `patch`, and returns `flag` when it is read. */
async function against(
  patch: (response: ServerResponse) => void,
  flag: object = THEME,
): Promise<Stage['apply']> {
  server = await startServer((request, response) => {
    if (request.method === 'PATCH') patch(response);
    else json(response, 200, flag);
  });
  const apply = applyWith(connectWriter(options(server.url)));
  return (changes, extra) => apply(changes, { ...BATCH, ...extra });
}

const changes = ['alice', 'bob', 'carol'].map(dark);
const all = (end: string): string[] => changes.map(() => end);
const refuse = (response: ServerResponse): void =>
  json(response, 400, { code: 'invalid_request', message: 'No' });

/** The flag with `dark` for these users. */
const themeWith = (...values: string[]): object => ({
  ...THEME,
  environments: { production: { ...THEME.environments.production, targets: [{ variation: 1, values }] } },
});

test('a refused patch is not halved unless the response is a 400', async () => {
  const apply = await against((response) =>
    json(response, 404, { code: 'not_found', message: 'No such route' }),
  );
  const outcomes = await apply(changes);
  expect(ends(outcomes)).toEqual(all('failed refused'));
  expect(outcomes.map(({ cause }) => cause)).toEqual(
    all('').map(() => expect.objectContaining({ status: 404 })),
  );
  expect(outcomes[0]?.message).toContain('No such route');
  expect(server?.seen).toHaveLength(2);
});

test('a patch that would break a scheduled change fails with the response as its cause', async () => {
  const message = 'This would cause a pending scheduled change to fail';
  const apply = await against((response) => json(response, 400, { code: 'invalid_request', message }));
  const [outcome] = await apply(changes);
  expect(outcome?.cause).toMatchObject({ status: 400, detail: message });
});

test('a refused patch is not sent again if the flag has no variation ids', async () => {
  const variations = THEME.variations.map(({ value }) => ({ value }));
  for (const some of [variations, [...THEME.variations.slice(0, 1), ...variations.slice(1)]]) {
    const apply = await against(refuse, { ...THEME, variations: some });
    const outcomes = await apply(changes);
    expect(ends(outcomes)).toEqual(all('failed refused'));
    expect(outcomes[0]?.message).toBe(
      'LaunchDarkly gave no variation ids, which a patch needs; use writes: put',
    );
    expect(server?.seen).toHaveLength(2);
    await server?.stop();
  }
});

test('a refused patch is not sent again if the variation to set is gone', async () => {
  const variations = THEME.variations.map((one) => (one._id === 'id-1' ? { ...one, _id: 'id-9' } : one));
  const apply = await against(refuse, { ...THEME, variations });
  const outcomes = await apply(changes);
  expect(ends(outcomes)).toEqual(all('failed refused'));
  expect(outcomes.map(({ message }) => message)).toEqual(
    all('the variation to set no longer exists in theme; plan again'),
  );
  expect(server?.seen).toHaveLength(2);
});

test('a refused patch is not sent again if all its changes are live already', async () => {
  const apply = await against(refuse, themeWith('alice', 'bob', 'carol'));
  const outcomes = await apply(changes);
  expect(ends(outcomes)).toEqual(all('applied already-live'));
  expect(outcomes[0]?.message).toBe('already live');
  expect(server?.seen).toHaveLength(2);
});

test('a refused patch is not sent again if the flag cannot be read', async () => {
  server = await startServer((request, response) => {
    if (request.method === 'PATCH') refuse(response);
    else json(response, 403, { code: 'forbidden', message: 'Not yours' });
  });
  const outcomes = await applyWith(connectWriter(options(server.url)))(changes, BATCH);
  expect(ends(outcomes)).toEqual(all('failed refused'));
  expect(outcomes[0]?.message).toContain('Not yours');
  expect(server.seen).toHaveLength(2);
});

test('the changes of a patch whose answer was lost are looked up, and decided one by one', async () => {
  const apply = await against((response) => response.socket?.destroy(), themeWith('alice'));
  const outcomes = await apply(changes);
  expect(ends(outcomes)).toEqual(['applied found-live', 'failed unreachable', 'failed unreachable']);
  expect(outcomes.map(({ unanswered }) => unanswered)).toEqual([true, true, true]);
});

test('a dry run has no effect, so a lost answer is not looked up', async () => {
  const apply = await against((response) => response.socket?.destroy(), themeWith('alice'));
  const outcomes = await apply(changes, { dryRun: true });
  expect(ends(outcomes)).toEqual(all('failed unreachable'));
  expect(outcomes.map(({ unanswered }) => unanswered)).toEqual([undefined, undefined, undefined]);
});
