import { expect, it } from 'vitest';
import { type GitHubApi, openGitHub } from '../../src/github/api.js';
import { VirtualClock } from '../launchdarkly/virtual-clock.js';
import { type FakeGitHub, GITHUB_TOKEN, startGitHub } from '../support/github.js';

const LIST = '/repos/acme/flags/issues/7/comments';
const TIP = '/repos/acme/flags/git/ref/heads/main';
const SECONDARY = {
  status: 403,
  body: { message: 'You have exceeded a secondary rate limit. Please wait.' },
};

interface Setup {
  readonly github: FakeGitHub;
  readonly api: GitHubApi;
  readonly clock: VirtualClock;
  /** Runs work on the virtual clock, and resolves to the seconds that passed on it. */
  readonly timed: (work: () => Promise<unknown>) => Promise<number>;
}

async function setUp(
  options: { readonly token?: string; readonly cancelled?: AbortController } = {},
): Promise<Setup> {
  const github = await startGitHub();
  const clock = new VirtualClock();
  github.now = () => clock.now();
  github.tips.set('main', 'a'.repeat(40));
  const api = openGitHub({
    url: github.url,
    token: options.token ?? GITHUB_TOKEN,
    version: '1.2.3',
    clock: {
      now: () => clock.now(),
      random: () => clock.random(),
      sleep: (ms, waiting) => {
        options.cancelled?.abort();
        return clock.sleep(ms, waiting);
      },
    },
    signal: (options.cancelled ?? new AbortController()).signal,
  });
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const started = clock.now();
    await clock.run(work());
    return (clock.now() - started) / 1000;
  };
  return { github, api, clock, timed };
}

const failsWith = (work: Promise<unknown>, expected: object): Promise<void> =>
  expect(work).rejects.toMatchObject(expected);

it('the GitHub client waits as long as retry-after says, and retries', async () => {
  const { github, api, timed } = await setUp();
  for (const status of [403, 429])
    github.interruptions.push({ answer: { status, body: {}, headers: { 'retry-after': '7' } } });
  const seconds = await timed(() => api.request('GET', TIP));
  expect(seconds).toBeGreaterThanOrEqual(14);
  expect(seconds).toBeLessThan(16);
  expect(github.requests.map(({ status }) => status)).toEqual([403, 429, 200]);
});

it("the GitHub client waits until the hour's budget is reset, by GitHub's clock", async () => {
  const { github, api, clock, timed } = await setUp();
  // This machine is ten minutes ahead.
  github.now = () => clock.now() - 600_000;
  github.budget = { limit: 5000, remaining: 0, reset: Math.floor(github.now() / 1000) + 42 };
  const seconds = await timed(() => api.request('GET', TIP));
  expect(github.requests.map(({ status }) => status)).toEqual([403, 200]);
  expect(seconds).toBeGreaterThanOrEqual(42);
  expect(seconds).toBeLessThan(45);
});

it('the GitHub client does not wait for an hour, but reports when to try again', async () => {
  const { github, api, clock } = await setUp();
  github.budget = { limit: 5000, remaining: 0, reset: Math.floor(clock.now() / 1000) + 3500 };
  await failsWith(clock.run(api.request('GET', TIP)), {
    name: 'GitHubError',
    limited: true,
    message: 'GitHub answered 403 API rate limit exceeded for installation.; try again in 59 min',
  });
  expect(github.requests).toHaveLength(1);
});

it('the GitHub client waits one minute after a secondary rate limit, then two, and then gives up', async () => {
  const { github, api, clock, timed } = await setUp();
  github.interruptions.push({ answer: SECONDARY }, { answer: SECONDARY });
  const seconds = await timed(() => api.request('GET', TIP));
  expect(seconds).toBeGreaterThanOrEqual(180);
  expect(seconds).toBeLessThan(182);

  github.interruptions.push(...Array.from({ length: 9 }, () => ({ answer: { ...SECONDARY, status: 429 } })));
  await failsWith(clock.run(api.request('GET', TIP)), { status: 429, limited: true });
  expect(github.interruptions).toHaveLength(6);
});

it('the GitHub client does not retry if a permission is missing or nothing is found', async () => {
  const { github, api, clock, timed } = await setUp();
  github.denied = /PATCH/;
  const seconds = await timed(async () => {
    await failsWith(api.request('PATCH', '/repos/acme/flags/issues/comments/1', { body: 'x' }), {
      status: 403,
      limited: false,
    });
    await failsWith(api.request('GET', '/repos/acme/flags/git/ref/heads/none'), { status: 404 });
  });
  expect(seconds).toBe(0);
  expect(github.requests).toHaveLength(2);
  const other = await setUp({ token: 'ghs_wrong' });
  await failsWith(clock.run(other.api.request('GET', TIP)), {
    status: 401,
    message: 'GitHub answered 401 Bad credentials',
  });
  expect(other.github.requests).toHaveLength(1);
});

it('the GitHub client retries a comment that a rate limit refused', async () => {
  const { github, api, timed } = await setUp();
  github.interruptions.push({ answer: SECONDARY });
  await timed(() => api.request('POST', LIST, { body: 'once' }));
  expect(github.comments.get(7)?.map(({ body }) => body)).toEqual(['once']);
});

it.each(['GET', 'PATCH'] as const)(
  'the GitHub client sends a %s up to four times if failures are temporary, with longer and longer waits',
  async (method) => {
    const { github, api, clock, timed } = await setUp();
    const comment = github.addComment(7, 'old');
    const path = method === 'GET' ? TIP : `/repos/acme/flags/issues/comments/${comment.id}`;
    const body = method === 'GET' ? undefined : { body: 'new' };
    github.interruptions.push(
      { answer: { status: 502, body: {} } },
      {},
      { answer: { status: 503, body: {} } },
    );
    expect(await timed(() => api.request(method, path, body))).toBe(1 + 2 + 4);
    expect(github.requests.map(({ status }) => status)).toEqual([502, 0, 503, 200]);

    github.interruptions.push(...Array.from({ length: 4 }, () => ({ answer: { status: 500, body: {} } })));
    await failsWith(clock.run(api.request(method, path, body)), { status: 500 });
    github.interruptions.push({}, {}, {}, {});
    await failsWith(clock.run(api.request(method, path, body)), {
      code: 'github-unreachable',
      message: `GitHub's API at ${github.url} does not answer`,
    });
    expect(github.requests).toHaveLength(12);
  },
);

it('the GitHub client does not repeat a POST that may have been processed', async () => {
  const { github, api, clock } = await setUp();
  github.interruptions.push({ answer: { status: 502, body: {} }, done: true }, { done: true });
  await failsWith(clock.run(api.request('POST', LIST, { body: 'one' })), { status: 502 });
  await failsWith(clock.run(api.request('POST', LIST, { body: 'two' })), { code: 'github-unreachable' });
  expect(github.comments.get(7)?.map(({ body }) => body)).toEqual(['one', 'two']);
});

it('the GitHub client retries if the connection breaks in the middle of a response', async () => {
  const { github, api, clock } = await setUp();
  github.interruptions.push({ cutShort: true }, { cutShort: true });
  await clock.run(api.request('GET', TIP));
  expect(github.requests).toHaveLength(3);
  github.interruptions.push({ cutShort: true });
  await failsWith(clock.run(api.request('POST', LIST, { body: 'one' })), { code: 'github-unreachable' });
});

it('the GitHub client reads a list page by page, and only as far as needed', async () => {
  const { github, api } = await setUp();
  github.pageSize = 2;
  for (let index = 0; index < 5; index += 1) github.addComment(7, `comment ${index}`);
  const bodies: unknown[] = [];
  for await (const item of api.pages(`${LIST}?per_page=100`)) bodies.push((item as { body: unknown }).body);
  expect(bodies).toEqual([0, 1, 2, 3, 4].map((index) => `comment ${index}`));
  expect(github.requests).toHaveLength(3);
  for await (const item of api.pages(`${LIST}?per_page=100`)) if (item !== undefined) break;
  expect(github.requests).toHaveLength(4);
});

it('the GitHub client does not follow a list to another host, which would receive the token', async () => {
  const { github, api } = await setUp();
  const other = await startGitHub();
  const link = `<${other.url}${LIST}?page=2>; rel="next"`;
  github.interruptions.push({ answer: { status: 200, body: [1], headers: { link } } });
  const items: unknown[] = [];
  for await (const item of api.pages(LIST)) items.push(item);
  expect(items).toEqual([1]);
  expect(other.requests).toEqual([]);
});

it('the GitHub client rejects a response that is not a list', async () => {
  const { github, api } = await setUp();
  github.interruptions.push({ answer: { status: 200, body: { message: 'hello' } } });
  const next = api.pages(LIST).next();
  await expect(next).rejects.toThrow('GitHub did not answer with a list');
});

it('the GitHub client stops if the job is cancelled while it waits or while a request is in flight', async () => {
  const cancelled = new AbortController();
  const { github, api, clock } = await setUp({ cancelled });
  const started = clock.now();
  github.interruptions.push({ answer: { status: 429, body: {}, headers: { 'retry-after': '200' } } });
  await failsWith(clock.run(api.request('GET', TIP)), { code: 'interrupted' });
  await failsWith(clock.run(api.request('GET', TIP)), { code: 'interrupted' });
  expect(clock.now()).toBe(started);
  expect(github.requests).toHaveLength(1);
});
