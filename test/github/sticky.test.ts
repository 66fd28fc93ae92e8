import { expect, it } from 'vitest';
import { openGitHub } from '../../src/github/api.js';
import { writeComment, writeIssue } from '../../src/github/sticky.js';
import { VirtualClock } from '../launchdarkly/virtual-clock.js';
import { COLLABORATOR, type FakeGitHub, GITHUB_TOKEN, REPOSITORY, startGitHub } from '../support/github.js';

const MARKER = '<!-- flagops:plan:0 -->';
const BODY = `${MARKER}\nthe plan`;
const BAD_GATEWAY = { status: 502, body: {} };

async function setUp(token = GITHUB_TOKEN): Promise<{
  github: FakeGitHub;
  comment: () => Promise<string>;
  issue: () => Promise<string>;
}> {
  const github = await startGitHub();
  github.token = token;
  const clock = new VirtualClock();
  const { signal } = new AbortController();
  const api = openGitHub({ url: github.url, token, version: '1.2.3', clock, signal });
  return {
    github,
    comment: () => clock.run(writeComment(api, REPOSITORY, 7, MARKER, BODY, { add: true })),
    issue: () => clock.run(writeIssue(api, REPOSITORY, MARKER, { title: 'Drift', body: BODY }, BODY)),
  };
}

const UNCLEAR = [
  ['a 502', { answer: BAD_GATEWAY }],
  ['a broken connection', {}],
] as const;

it.each(UNCLEAR)('a comment that GitHub saved in spite of %s is not added twice', async (_, failure) => {
  const { github, comment } = await setUp();
  github.interruptions.push({ answer: { status: 200, body: [] } }, { ...failure, done: true });
  expect(await comment()).toBe('added');
  expect(github.comments.get(7)?.map(({ body }) => body)).toEqual([BODY]);
  expect(github.requests.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET']);
});

it.each(UNCLEAR)('a comment that GitHub did not save because of %s is added again', async (_, failure) => {
  const { github, comment } = await setUp();
  github.interruptions.push({ answer: { status: 200, body: [] } }, failure);
  expect(await comment()).toBe('added');
  expect(github.comments.get(7)?.map(({ body }) => body)).toEqual([BODY]);
  expect(github.requests.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET', 'POST']);
});

it.each(UNCLEAR)('only one issue is opened in spite of %s', async (_, failure) => {
  const { github, issue } = await setUp();
  github.interruptions.push({ answer: { status: 200, body: [] } }, { ...failure, done: true });
  expect(await issue()).toBe('opened');
  expect(await issue()).toBe('unchanged');
  expect(github.issues).toHaveLength(1);
});

it('adding a comment is given up if GitHub keeps failing', async () => {
  const { github, comment } = await setUp();
  github.interruptions.push({ answer: { status: 200, body: [] } });
  for (let index = 0; index < 4; index += 1)
    github.interruptions.push({ answer: BAD_GATEWAY }, { answer: { status: 200, body: [] } });
  await expect(comment()).rejects.toMatchObject({ status: 502 });
  expect(github.writes).toHaveLength(4);
  expect(github.comments.get(7)).toBeUndefined();
});

it('a comment is not searched for if GitHub denied adding it', async () => {
  const { github, comment } = await setUp();
  github.denied = /POST/;
  await expect(comment()).rejects.toMatchObject({ status: 403, limited: false });
  expect(github.requests).toHaveLength(2);
});

it('a comment or an issue is added if the one that was found has just been deleted', async () => {
  const { github, comment, issue } = await setUp();
  const seen = [{ id: 5, number: 5, body: `${MARKER}\nbefore`, user: { type: 'Bot' } }];
  github.interruptions.push({ answer: { status: 200, body: seen } });
  expect(await comment()).toBe('added');
  expect(github.comments.get(7)?.map(({ body }) => body)).toEqual([BODY]);
  github.interruptions.push({ answer: { status: 200, body: seen } });
  expect(await issue()).toBe('opened');
  expect(github.issues.map(({ body }) => body)).toEqual([BODY]);
});

it("a collaborator's comment is edited only with a person's token, not with the token of a job", async () => {
  const text = `${MARKER}\nwhat I want you to read`;
  const asBot = await setUp();
  asBot.github.addComment(7, text, COLLABORATOR);
  expect(await asBot.comment()).toBe('added');
  expect(asBot.github.comments.get(7)?.map(({ body }) => body)).toEqual([text, BODY]);
  const asPerson = await setUp('github_pat_0123456789');
  asPerson.github.addComment(7, text, COLLABORATOR);
  expect(await asPerson.comment()).toBe('edited');
});
