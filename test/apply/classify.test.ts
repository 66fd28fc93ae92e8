import { describe, expect, test } from 'vitest';
import { classify, tooManyConflicts } from '../../src/apply/classify.js';
import { approvalRequired, failed, type Result, skipped } from '../../src/apply/outcome.js';
import { OperatorError } from '../../src/diagnostics/operator-error.js';
import { ApiError } from '../../src/launchdarkly/http/api-error.js';
import { explainNetwork, tokenRejected } from '../../src/launchdarkly/http/explain.js';
import { NetworkError } from '../../src/launchdarkly/http/network-error.js';
import type { ApiRequest } from '../../src/launchdarkly/paths.js';

const TARGET = { project: 'storefront', environment: 'production', flag: 'theme' };
const PUT: ApiRequest = { route: 'user setting', method: 'PUT', path: '/api/v2/users/x' };
const PATCH: ApiRequest = { route: 'flag patch', method: 'PATCH', path: '/api/v2/flags/x' };
const CHECKED = failed('refused', 'checked what is live');

/** The result for an error, if what is live says `live`. */
function resultOf(
  error: unknown,
  {
    tokenWorks = true,
    live = async () => CHECKED,
  }: { tokenWorks?: boolean; live?: () => Promise<Result | undefined> } = {},
): Promise<Result | undefined> {
  return classify(error, TARGET, { tokenWorks: async () => tokenWorks }, live);
}

const answer = (status: number, code = '', detail = '', request = PUT): ApiError =>
  new ApiError(request, status, code, detail);

describe('what a response means', () => {
  test.each([400, 404, 409])(
    'after a %d what is live decides, or the write is tried again',
    async (status) => {
      const error = answer(status, 'conflict', 'approval pending');
      expect(await resultOf(error)).toBe(CHECKED);
      expect(await resultOf(error, { live: async () => undefined })).toBeUndefined();
      const lost = new NetworkError('cut', 'ld.example', undefined);
      const live = (): Promise<Result> => Promise.reject(lost);
      expect(await resultOf(error, { live })).toEqual(
        failed('unreachable', explainNetwork(lost).message, { cause: lost }),
      );
    },
  );

  test.each([
    [429, 'rate-limited'],
    [500, 'unavailable'],
    [503, 'unavailable'],
    [499, 'refused'],
    [410, 'refused'],
    [405, 'refused'],
  ] as const)('a %d to a PUT fails its change: %s', async (status, reason) => {
    const error = answer(status, 'code', 'detail');
    expect(await resultOf(error)).toEqual(failed(reason, error.message, { cause: error }));
  });

  const NEEDS = 'the token needs updateTargets on proj/storefront:env/production:flag/theme';

  test.each([
    [403, '', '', `denied (403): ${NEEDS}`],
    [403, 'forbidden', '', `denied (403 forbidden): ${NEEDS}`],
    [403, 'forbidden', 'Not your flag', `denied (403 forbidden: Not your flag): ${NEEDS}`],
    [401, '', 'Not you', `denied (401: Not you): ${NEEDS}`],
  ])(
    'a %d with code %j and message %j means that a permission is missing',
    async (status, code, detail, message) => {
      const error = answer(status, code, detail);
      expect(await resultOf(error)).toEqual(
        failed('missing-permission', message, { extent: 'flag', cause: error }),
      );
    },
  );

  test('a 401 ends the run if the token is not valid', async () => {
    const error = answer(401);
    expect(await resultOf(error, { tokenWorks: false })).toEqual(
      failed('token-rejected', tokenRejected(error).message, { extent: 'run', cause: error }),
    );
  });

  test.each([
    [answer(405, '', '', PATCH), true],
    [answer(405, 'approvals_required', '', PUT), true],
    [answer(405, '', 'This flag requires Approval', PUT), true],
    [answer(403, '', 'needs approval', PUT), true],
    [answer(403, 'approve_first', '', PATCH), true],
    [answer(405, '', 'no such method', PUT), false],
    [answer(403, '', '', PATCH), false],
    [answer(429, '', 'approval', PUT), false],
    [answer(500, '', 'approval', PATCH), false],
  ])('%s: approval is required: %s', async (error, isRequired) => {
    const expected = approvalRequired('theme requires approval in production', error);
    const result = await resultOf(error);
    if (isRequired) expect(result).toEqual(expected);
    else expect(result?.ending.status).toBe('failed');
  });
});

describe('what any other error means', () => {
  test('without a response the change fails as unreachable', async () => {
    const error = new NetworkError('dns', 'ld.example', undefined);
    expect(await resultOf(error)).toEqual(
      failed('unreachable', explainNetwork(error).message, { cause: error }),
    );
  });

  const cause = new Error('the cause');
  const whole = 'run';

  test.each<[OperatorError['code'], (error: OperatorError) => Result]>([
    ['interrupted', () => skipped('interrupted', 'why', whole)],
    ['run-timeout', () => skipped('run-timeout', 'why', whole)],
    ['route-removed', () => failed('route-removed', 'why; do this', { extent: whole, cause })],
    // Another write had already found this out.
    ['route-known-removed', () => skipped('stopped', 'not started: why; do this', whole)],
    ['token-rejected', (error) => failed('token-rejected', 'why', { extent: whole, cause: error })],
    ['redirect', (error) => failed('refused', 'why', { extent: whole, cause: error })],
    ['unknown-project', (error) => failed('refused', 'why', { cause: error })],
  ])(
    'the error %s ends a change, and the run if the next write would end the same way',
    async (code, expected) => {
      const error = new OperatorError(code, 'why', { hint: 'do this', cause });
      expect(await resultOf(error)).toEqual(expected(error));
    },
  );

  test('an error without a hint is shown without one', async () => {
    const error = new OperatorError('route-removed', 'why', { cause });
    expect(await resultOf(error)).toEqual(failed('route-removed', 'why', { extent: whole, cause }));
  });

  test.each([
    [new TypeError('a bug'), 'a bug'],
    ['a text', 'a text'],
  ])('%s is an error in flagops and ends the run', async (error, message) => {
    expect(await resultOf(error)).toEqual(failed('unexpected', message, { extent: 'run', cause: error }));
  });
});

test('too many conflicts fail only their change', () => {
  expect(tooManyConflicts(TARGET, 'last')).toEqual(
    failed('conflict', 'other writes to theme in production got in the way 8 times in a row', {
      cause: 'last',
    }),
  );
});
