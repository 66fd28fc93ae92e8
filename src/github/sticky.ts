import { OperatorError } from '../diagnostics/operator-error.js';
import { type GitHubApi, GitHubError, MAX_ATTEMPTS } from './api.js';
import { asObject, asText } from './runner.js';

// Comments and issues that are found again by a marker, which is the first line of their text and which nobody sees.

/** What was found under a marker. */
interface Sticky {
  readonly number: number;
  readonly body: string;
}

/** The associations of people, one of whom the token may belong to. */
const TRUSTED: ReadonlySet<unknown> = new Set(['OWNER', 'MEMBER', 'COLLABORATOR']);

/**
 * Whether something may have been written by us: a marker in anybody else's text is copied, or a trick, since whoever
 * wrote it could change afterwards what reviewers read.
 */
function isOurs(api: GitHubApi, item: Readonly<Record<string, unknown>>, marker: string): boolean {
  const body = asText(item['body']);
  if (body === undefined || !body.startsWith(marker)) return false;
  if (asObject(item['user'])?.['type'] === 'Bot') return true;
  return !api.writesAsBot && TRUSTED.has(item['author_association']);
}

async function findIn(
  api: GitHubApi,
  path: string,
  key: 'id' | 'number',
  marker: string,
): Promise<Sticky | undefined> {
  for await (const entry of api.pages(path)) {
    const item = asObject(entry);
    const number = item?.[key];
    if (item === undefined || typeof number !== 'number' || 'pull_request' in item) continue;
    if (isOurs(api, item, marker)) {
      return { number, body: asText(item['body']) ?? '' };
    }
  }
  return undefined;
}

/**
 * Creates what is not there. Where it is not clear whether GitHub took it, GitHub is asked before it is sent again:
 * otherwise there might be two.
 */
async function create(
  api: GitHubApi,
  path: string,
  content: unknown,
  find: () => Promise<Sticky | undefined>,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await api.request('POST', path, content);
      return;
    } catch (error) {
      if (!isUnclear(error) || attempt === MAX_ATTEMPTS) throw error;
      await api.pause(attempt);
      if ((await find()) !== undefined) return;
    }
  }
}

function isUnclear(error: unknown): boolean {
  return error instanceof GitHubError
    ? error.status >= 500
    : error instanceof OperatorError && error.code === 'github-unreachable';
}

/** Gives false where it is not there any more: somebody deleted it since it was found. */
async function edit(api: GitHubApi, path: string, content: unknown): Promise<boolean> {
  try {
    await api.request('PATCH', path, content);
    return true;
  } catch (error) {
    if (error instanceof GitHubError && (error.status === 404 || error.status === 410)) return false;
    throw error;
  }
}

/**
 * Writes the comment of a pull request: the one with the marker is edited, and where there is none one is added.
 * @param body starts with the marker
 * @param options.add whether a comment may be added where there is none
 */
export async function writeComment(
  api: GitHubApi,
  repository: string,
  pullRequest: number,
  marker: string,
  body: string,
  options: { readonly add: boolean },
): Promise<'added' | 'edited' | 'unchanged' | 'none'> {
  const list = `/repos/${repository}/issues/${pullRequest}/comments`;
  const find = (): Promise<Sticky | undefined> => findIn(api, `${list}?per_page=100`, 'id', marker);
  const found = await find();
  if (found !== undefined) {
    if (found.body === body) return 'unchanged';
    const path = `/repos/${repository}/issues/comments/${found.number}`;
    if (await edit(api, path, { body })) return 'edited';
  }
  if (!options.add) return 'none';
  await create(api, list, { body }, find);
  return 'added';
}

/** What an issue says, or undefined where there is nothing (any more) to say. */
export interface IssueText {
  readonly title: string;
  readonly body: string;
}

/**
 * Keeps one open issue with the marker as long as there is something to say, and closes it after that.
 * @param closing what the issue says when it is closed; starts with the marker
 */
export async function writeIssue(
  api: GitHubApi,
  repository: string,
  marker: string,
  content: IssueText | undefined,
  closing: string,
): Promise<'opened' | 'updated' | 'unchanged' | 'closed' | 'none'> {
  const list = `/repos/${repository}/issues`;
  const query = 'state=open&sort=created&direction=desc&per_page=100';
  const find = (): Promise<Sticky | undefined> => findIn(api, `${list}?${query}`, 'number', marker);
  const found = await find();
  const path = `${list}/${found?.number}`;
  if (content === undefined) {
    const change = { body: closing, state: 'closed', state_reason: 'completed' };
    return found !== undefined && (await edit(api, path, change)) ? 'closed' : 'none';
  }
  if (found?.body === content.body) return 'unchanged';
  if (found !== undefined && (await edit(api, path, content))) return 'updated';
  await create(api, list, content, find);
  return 'opened';
}
