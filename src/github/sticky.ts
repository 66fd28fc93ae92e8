import { OperatorError } from '../diagnostics/operator-error.js';
import { type GitHubApi, GitHubError, MAX_ATTEMPTS } from './api.js';
import { asObject, asText } from './runner.js';

// A sticky comment or issue is found again by its marker: an HTML comment, which is the first line of its body. Each run
// edits it instead of adding another one.

interface Sticky {
  /** The id of a comment, the number of an issue. */
  readonly id: number;
  readonly body: string;
}

/** A collection in which a sticky comment or issue is kept. */
interface Collection {
  /** Path to list it, with a query. */
  readonly list: string;
  /** Path to add to it. */
  readonly add: string;
  /** Field of an item that identifies it. */
  readonly idField: 'id' | 'number';
  /** Path of an item. */
  readonly item: (id: number) => string;
}

/**
 * Writes the comment of a pull request: edits the one with the marker, or adds one.
 * @param body starts with the marker
 * @param options.add whether to add a comment if there is none
 */
export async function writeComment(
  api: GitHubApi,
  repository: string,
  pullRequest: number,
  marker: string,
  body: string,
  options: { readonly add: boolean },
): Promise<'added' | 'edited' | 'unchanged' | 'none'> {
  const issues = `/repos/${repository}/issues`;
  const comments: Collection = {
    list: `${issues}/${pullRequest}/comments?per_page=100`,
    add: `${issues}/${pullRequest}/comments`,
    idField: 'id',
    item: (id) => `${issues}/comments/${id}`,
  };
  const found = await find(api, comments, marker);
  if (found?.body === body) return 'unchanged';
  if (found !== undefined && (await edit(api, comments.item(found.id), { body }))) return 'edited';
  if (!options.add) return 'none';
  await add(api, comments, marker, { body });
  return 'added';
}

export interface IssueText {
  readonly title: string;
  readonly body: string;
}

/**
 * Keeps one open issue with the marker: opens or edits it, or closes it if there is nothing left to report.
 * @param content undefined to close the issue
 * @param closingBody the body of the closed issue; starts with the marker
 */
export async function writeIssue(
  api: GitHubApi,
  repository: string,
  marker: string,
  content: IssueText | undefined,
  closingBody: string,
): Promise<'opened' | 'updated' | 'unchanged' | 'closed' | 'none'> {
  const path = `/repos/${repository}/issues`;
  const issues: Collection = {
    list: `${path}?state=open&sort=created&direction=desc&per_page=100`,
    add: path,
    idField: 'number',
    item: (number) => `${path}/${number}`,
  };
  const found = await find(api, issues, marker);
  if (content === undefined) {
    const closed = { body: closingBody, state: 'closed', state_reason: 'completed' };
    return found !== undefined && (await edit(api, issues.item(found.id), closed)) ? 'closed' : 'none';
  }
  if (found?.body === content.body) return 'unchanged';
  if (found !== undefined && (await edit(api, issues.item(found.id), content))) return 'updated';
  await add(api, issues, marker, content);
  return 'opened';
}

async function find(api: GitHubApi, collection: Collection, marker: string): Promise<Sticky | undefined> {
  for await (const entry of api.pages(collection.list)) {
    const item = asObject(entry);
    const id = item?.[collection.idField];
    // GitHub lists pull requests among the issues.
    if (item === undefined || typeof id !== 'number' || 'pull_request' in item) continue;
    if (isOurs(api, item, marker)) return { id, body: asText(item['body']) ?? '' };
  }
  return undefined;
}

/** Author associations of people whose token the Action may be using. */
const TRUSTED: ReadonlySet<unknown> = new Set(['OWNER', 'MEMBER', 'COLLABORATOR']);

/**
 * Whether the Action may have written an item. A marker in a text by another author was copied, by accident or to
 * mislead: its author could change afterwards what reviewers read.
 */
function isOurs(api: GitHubApi, item: Readonly<Record<string, unknown>>, marker: string): boolean {
  const body = asText(item['body']);
  if (body === undefined || !body.startsWith(marker)) return false;
  if (asObject(item['user'])?.['type'] === 'Bot') return true;
  return !api.writesAsBot && TRUSTED.has(item['author_association']);
}

/** Adds an item. After an error, GitHub may have added it anyway, so this looks for it before trying again. */
async function add(
  api: GitHubApi,
  collection: Collection,
  marker: string,
  content: { readonly body: string },
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await api.request('POST', collection.add, content);
      return;
    } catch (error) {
      if (!mayHaveSucceeded(error) || attempt === MAX_ATTEMPTS) throw error;
      await api.pause(attempt);
      if ((await find(api, collection, marker)) !== undefined) return;
    }
  }
}

function mayHaveSucceeded(error: unknown): boolean {
  return error instanceof GitHubError
    ? error.status >= 500
    : error instanceof OperatorError && error.code === 'github-unreachable';
}

/** Edits an item. Returns false if it was deleted after it was found. */
async function edit(api: GitHubApi, path: string, content: object): Promise<boolean> {
  try {
    await api.request('PATCH', path, content);
    return true;
  } catch (error) {
    if (error instanceof GitHubError && (error.status === 404 || error.status === 410)) return false;
    throw error;
  }
}
