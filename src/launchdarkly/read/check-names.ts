import { didYouMean } from '../../diagnostics/nearest.js';
import { OperatorError } from '../../diagnostics/operator-error.js';
import type { Api } from '../http/api.js';
import { ApiError } from '../http/api-error.js';
import { shortLine } from '../../text/one-line.js';
import { expectObject, expectList, expectString } from './json-fields.js';
import { environmentList, PAGE_SIZE, projectList, type ApiRequest } from '../paths.js';

/** The most names that a hint lists. */
const MAX_LISTED = 10;

/** The most pages of a list of names to read: more requests are not worth it for a hint. */
const MAX_PAGES = 20;

/**
 * Checks that a project exists and has the given environments.
 * @throws OperatorError `unknown-project`, `unknown-environment`
 */
export async function checkNames(api: Api, project: string, environments: readonly string[]): Promise<void> {
  const known = await environmentKeys(api, project);
  if (known === undefined) throw await unknownProject(api, project);
  const unknown = environments.find((environment) => !known.includes(environment));
  if (unknown === undefined) return;
  throw new OperatorError('unknown-environment', `project ${project} has no environment ${unknown}`, {
    hint: hintFor(unknown, known, 'it has'),
  });
}

async function environmentKeys(api: Api, project: string): Promise<readonly string[] | undefined> {
  try {
    return await listKeys(api, (offset) => environmentList(project, offset));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

async function unknownProject(api: Api, project: string): Promise<OperatorError> {
  const known = await listKeys(api, projectList);
  return new OperatorError('unknown-project', `there is no project ${project}, or the token cannot see it`, {
    hint: hintFor(project, known, 'the token sees'),
  });
}

async function listKeys(api: Api, pageAt: (offset: number) => ApiRequest): Promise<readonly string[]> {
  const found: string[] = [];
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const request = pageAt(page * PAGE_SIZE);
    const response = expectObject(await api.get(request), `the response to GET ${request.path}`);
    const items = expectList(response['items'], `items of GET ${request.path}`);
    for (const item of items) {
      found.push(expectString(expectObject(item, `an item of GET ${request.path}`)['key'], 'a key'));
    }
    if (items.length < PAGE_SIZE) break;
  }
  return found;
}

function hintFor(name: string, known: readonly string[], lead: string): string {
  if (known.length === 0) return `${lead} none`;
  const listed = known.slice(0, MAX_LISTED).join(', ');
  const more = known.length > MAX_LISTED ? ` and ${known.length - MAX_LISTED} more` : '';
  return shortLine(didYouMean(name, known) ?? `${lead}: ${listed}${more}`, 1000);
}
