import { isObject, type JsonObject } from '../../json/object.js';
import type { OpenApprovalRequest } from '../../reconcile/approvals.js';
import type { ApprovalStatus } from '../../reconcile/plan.js';
import type { ScopeId } from '../../reconcile/state.js';
import type { Api } from '../http/api.js';
import { approvalRequestList } from '../paths.js';
import { expectList, expectObject, expectString } from './json-fields.js';

/** Lists the approval requests of a flag that were not applied yet. See `FlagReader.listApprovalRequests`. */
export async function listApprovalRequests(
  api: Api,
  scope: ScopeId,
  flag: string,
): Promise<readonly OpenApprovalRequest[]> {
  const what = `the approval requests of flag ${flag}`;
  const request = approvalRequestList(scope, flag);
  const response = expectObject(await api.get(request), what);
  return expectList(response['items'], what)
    .map((item) => expectObject(item, `one of ${what}`))
    .filter(isOpen)
    .map((item) => parseApprovalRequest(item, api.baseUrl, request.path));
}

/** Whether a request can still be applied: it was neither applied, nor did that fail. */
function isOpen({ status }: JsonObject): boolean {
  return status !== 'completed' && status !== 'failed';
}

/**
 * Parses an approval request (`FlagConfigApprovalRequestResponse` in the API document).
 * @param path of the list that contains it, for a link if the response has none
 * @throws OperatorError `unexpected-answer`
 */
export function parseApprovalRequest(raw: unknown, baseUrl: string, path: string): OpenApprovalRequest {
  const fields = expectObject(raw, 'an approval request');
  const id = expectString(fields['_id'], 'the id of an approval request');
  const { description, _links: links } = fields;
  return {
    id,
    url: linkOf(links, baseUrl) ?? `${baseUrl}${path}/${encodeURIComponent(id).replaceAll(/[()]/g, '')}`,
    description: typeof description === 'string' ? description : '',
    status: statusOf(fields),
    instructions: expectList(fields['instructions'], 'the instructions of an approval request'),
  };
}

function statusOf({ status, reviewStatus }: JsonObject): ApprovalStatus {
  if (status === 'scheduled') return 'scheduled';
  return reviewStatus === 'approved' || reviewStatus === 'declined' ? reviewStatus : 'pending';
}

/** The address in the web interface if the response has it, otherwise in the API. Only addresses of the same host. */
function linkOf(links: unknown, baseUrl: string): string | undefined {
  if (!isObject(links)) return undefined;
  for (const name of ['site', 'self']) {
    const link = links[name];
    const href = isObject(link) ? link['href'] : undefined;
    if (typeof href !== 'string' || !URL.canParse(href, baseUrl)) continue;
    const url = new URL(href, baseUrl);
    if (url.origin === baseUrl && !/[()<>[\]]/.test(url.href)) return url.href;
  }
  return undefined;
}
