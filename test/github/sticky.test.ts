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

const CUT_OFF = [
  ['an error came back', { answer: BAD_GATEWAY }],
  ['the connection broke', {}],
] as const;

it.each(CUT_OFF)('looks before it comments again where %s: what was taken is there once', async (_, how) => {
  const { github, comment } = await setUp();
  github.interruptions.push({ answer: { status: 200, body: [] } }, { ...how, done: true });
  expect(await comment()).toBe('added');
  expect(github.comments.get(7)?.map(({ body }) => body)).toEqual([BODY]);
  expect(github.requests.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET']);
});

it.each(CUT_OFF)('comments again where %s and nothing was taken', async (_, how) => {
  const { github, comment } = await setUp();
  github.interruptions.push({ answer: { status: 200, body: [] } }, how);
  expect(await comment()).toBe('added');
  expect(github.comments.get(7)?.map(({ body }) => body)).toEqual([BODY]);
  expect(github.requests.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET', 'POST']);
});

it.each(CUT_OFF)('opens one issue alone where %s', async (_, how) => {
  const { github, issue } = await setUp();
  github.interruptions.push({ answer: { status: 200, body: [] } }, { ...how, done: true });
  expect(await issue()).toBe('opened');
  expect(await issue()).toBe('unchanged');
  expect(github.issues).toHaveLength(1);
});

it('gives up where GitHub goes on to fail', async () => {
  const { github, comment } = await setUp();
  github.interruptions.push({ answer: { status: 200, body: [] } });
  for (let index = 0; index < 4; index += 1)
    github.interruptions.push({ answer: BAD_GATEWAY }, { answer: { status: 200, body: [] } });
  await expect(comment()).rejects.toMatchObject({ status: 502 });
  expect(github.writes).toHaveLength(4);
  expect(github.comments.get(7)).toBeUndefined();
});

it('does not look again where GitHub has said no', async () => {
  const { github, comment } = await setUp();
  github.denied = /POST/;
  await expect(comment()).rejects.toMatchObject({ status: 403, limited: false });
  expect(github.requests).toHaveLength(2);
});

it('adds a comment, or opens an issue, where the one that was found is deleted in the same moment', async () => {
  const { github, comment, issue } = await setUp();
  const seen = [{ id: 5, number: 5, body: `${MARKER}\nbefore`, user: { type: 'Bot' } }];
  github.interruptions.push({ answer: { status: 200, body: seen } });
  expect(await comment()).toBe('added');
  expect(github.comments.get(7)?.map(({ body }) => body)).toEqual([BODY]);
  github.interruptions.push({ answer: { status: 200, body: seen } });
  expect(await issue()).toBe('opened');
  expect(github.issues.map(({ body }) => body)).toEqual([BODY]);
});

it("edits no collaborator's comment with the token of a job, and its owner's with one of a person", async () => {
  const text = `${MARKER}\nwhat I want you to read`;
  const asBot = await setUp();
  asBot.github.addComment(7, text, COLLABORATOR);
  expect(await asBot.comment()).toBe('added');
  expect(asBot.github.comments.get(7)?.map(({ body }) => body)).toEqual([text, BODY]);
  const asPerson = await setUp('github_pat_0123456789');
  asPerson.github.addComment(7, text, COLLABORATOR);
  expect(await asPerson.comment()).toBe('edited');
});
