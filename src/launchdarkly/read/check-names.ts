import { didYouMean } from '../../diagnostics/nearest.js';
import { OperatorError } from '../../diagnostics/operator-error.js';
import type { Api } from '../http/api.js';
import { ApiError } from '../http/api-error.js';
import { shortLine } from '../http/short-line.js';
import { asObject, asList, asString } from './json-fields.js';
import { environmentList, PAGE_SIZE, projectList, type ApiRequest } from '../paths.js';

/** How many names a hint lists. */
const LISTED = 10;

/** Pages that a list of names may have; beyond that the nearest name is not worth the requests. */
const MOST_PAGES = 20;

/**
 * Finds out whether a project has the environments that were asked for.
 * @throws OperatorError `unknown-project`, `unknown-environment`
 */
export async function checkNames(api: Api, project: string, environments: readonly string[]): Promise<void> {
  const known = await environmentKeys(api, project);
  if (known === undefined) throw await unknownProject(api, project);
  const unknown = environments.find((environment) => !known.includes(environment));
  if (unknown === undefined) return;
  throw new OperatorError('unknown-environment', `project ${project} has no environment ${unknown}`, {
    hint: hint(unknown, known, 'it has'),
  });
}

async function environmentKeys(api: Api, project: string): Promise<readonly string[] | undefined> {
  try {
    return await keys(api, (offset) => environmentList(project, offset));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

async function unknownProject(api: Api, project: string): Promise<OperatorError> {
  const known = await keys(api, projectList);
  return new OperatorError('unknown-project', `there is no project ${project}, or the token cannot see it`, {
    hint: hint(project, known, 'the token sees'),
  });
}

async function keys(api: Api, pageAt: (offset: number) => ApiRequest): Promise<readonly string[]> {
  const found: string[] = [];
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const request = pageAt(page * PAGE_SIZE);
    const answer = asObject(await api.get(request), `the answer to GET ${request.path}`);
    const items = asList(answer['items'], `items of GET ${request.path}`);
    for (const item of items) {
      found.push(asString(asObject(item, `an item of GET ${request.path}`)['key'], 'a key'));
    }
    if (items.length < PAGE_SIZE) break;
  }
  return found;
}

function hint(word: string, known: readonly string[], lead: string): string {
  if (known.length === 0) return `${lead} none`;
  const listed = known.slice(0, LISTED).join(', ');
  const more = known.length > LISTED ? ` and ${known.length - LISTED} more` : '';
  return shortLine(didYouMean(word, known) ?? `${lead}: ${listed}${more}`, 1000);
}
