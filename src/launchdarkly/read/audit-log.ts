import { isObject, type JsonObject } from '../../json/object.js';
import type { LoggedChange, LoggedTargets } from '../../reconcile/logged-change.js';
import type { ScopeId } from '../../reconcile/state.js';
import { shortLine } from '../../text/one-line.js';
import type { Api } from '../http/api.js';
import { auditEntry, auditLog, type AuditPeriod } from '../paths.js';
import { expectList, expectObject, expectString, unexpectedResponse } from './json-fields.js';
import { parseTargets } from './parse-flag.js';

/** Lists what was changed of a flag. See `FlagReader.listLoggedChanges`. */
export async function listLoggedChanges(
  api: Api,
  scope: ScopeId,
  flag: string,
  period: AuditPeriod,
): Promise<readonly LoggedChange[]> {
  const response = expectObject(await api.getOptional(auditLog(scope, flag, period)), 'the audit log');
  return expectList(response['items'], 'the audit log').map(parseEntry);
}

/** The targets before and after a logged change. See `FlagReader.getLoggedTargets`. */
export async function getLoggedTargets(
  api: Api,
  id: string,
  environment: string,
): Promise<LoggedTargets | undefined> {
  const entry = expectObject(await api.getOptional(auditEntry(id)), 'an audit log entry');
  const [before, after] = [entry['previousVersion'], entry['currentVersion']].map((version) =>
    targetsIn(version, environment),
  );
  return before === undefined || after === undefined ? undefined : { before, after };
}

/** The targets in the representation of a flag; undefined if it has none for the environment. */
function targetsIn(version: unknown, environment: string): ReadonlyMap<string, number> | undefined {
  const environments = isObject(version) ? version['environments'] : undefined;
  if (!isObject(environments) || !Object.hasOwn(environments, environment)) return undefined;
  const config = environments[environment];
  // The number of variations at that time does not matter here.
  return isObject(config) ? parseTargets(config, Infinity, 'an audit log entry') : undefined;
}

/** The last time that a `Date` can have, in epoch milliseconds. */
const LAST_DATE = 8.64e15;

/** Parses an `AuditLogEntryListingRep`. */
function parseEntry(raw: unknown): LoggedChange {
  const entry = expectObject(raw, 'an audit log entry');
  const { date, comment, accesses } = entry;
  if (typeof date !== 'number' || !(Math.abs(date) <= LAST_DATE)) {
    throw unexpectedResponse('an audit log entry has no valid date');
  }
  return {
    id: expectString(entry['_id'], 'the id of an audit log entry'),
    date: Math.trunc(date),
    by: shortLine(authorOf(entry), 120).toWellFormed(),
    comment: typeof comment === 'string' && comment !== '' ? comment.toWellFormed() : undefined,
    ofTargets:
      Array.isArray(accesses) && accesses.some((access) => textOf(access, 'action') === 'updateTargets'),
    // Without the title, which names the author: that may be the context of another override.
    text: ['description', 'shortDescription'].map((field) => textOf(entry, field) ?? '').join('\n'),
  };
}

/**
 * `Ada Lovelace with the token CI`, or as much of that as is known. A member's address is used only without a name, since
 * plans are published.
 */
function authorOf(entry: JsonObject): string {
  const { member, token, app, subject } = entry;
  const email = textOf(member, 'email');
  const name = ['firstName', 'lastName'].flatMap((field) => textOf(member, field) ?? []).join(' ');
  const person = name === '' ? email : name;
  const tokenName = textOf(token, 'name');
  const appName = textOf(app, 'name');
  const means = tokenName === undefined ? appName && `the application ${appName}` : `the token ${tokenName}`;
  if (person === undefined) return means ?? textOf(subject, 'name') ?? 'an unknown author';
  return means === undefined ? person : `${person} with ${means}`;
}

/** A field of an object if it is a text that is not empty. */
function textOf(value: unknown, field: string): string | undefined {
  const text = isObject(value) ? value[field] : undefined;
  return typeof text === 'string' && text !== '' ? text : undefined;
}
