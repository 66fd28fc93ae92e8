import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** `flagops simulate` in a separate process. */
export interface RunningSimulator {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** One change in the audit log. */
export interface AuditEntry {
  readonly description: string;
  readonly comment: string;
  /** For example `proj/storefront:env/production:flag/theme`. */
  readonly resource: string;
}

/**
 * Starts the simulator on a free port and waits for its URL, which is the first line it prints.
 * @param cli path of the built `cli.js`
 */
export async function startSimulator(cli: string): Promise<RunningSimulator> {
  const child = spawn(process.execPath, [cli, 'simulate', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stderr: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text));
  for await (const url of createInterface({ input: child.stdout })) {
    return { url, stop: () => stop(child) };
  }
  throw new Error(`the simulator did not start: ${stderr.join('')}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  child.kill('SIGTERM');
  await ended;
}

/** A target of a user that is changed without flagops. */
export interface HandChange {
  readonly project: string;
  readonly environment: string;
  readonly flag: string;
  readonly user: string;
  /** The value of a variation. */
  readonly value: string;
}

/** Changes a target as a person would: with one request, and without a comment. Returns the request as text. */
export async function changeByHand(
  url: string,
  token: string,
  { project, environment, flag, user, value }: HandChange,
): Promise<string> {
  const path = `/api/v2/users/${project}/${environment}/${user}/flags/${flag}`;
  const body = JSON.stringify({ setting: value });
  const headers = { authorization: token, 'content-type': 'application/json' };
  const response = await fetch(`${url}${path}`, { method: 'PUT', headers, body });
  if (!response.ok) throw new Error(`PUT ${path}: ${response.status}`);
  return `PUT ${path} ${body}`;
}

/** Reads all pages of the audit log. Returns the entries, oldest first. */
export async function readAuditLog(url: string, token: string): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  let path: string | undefined = '/api/v2/auditlog?limit=20';
  while (path !== undefined) {
    const response: Response = await fetch(`${url}${path}`, { headers: { authorization: token } });
    if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
    const page = (await response.json()) as AuditPage;
    entries.push(
      ...page.items.map(({ description, comment, target }) => ({
        description,
        comment: comment ?? '',
        resource: target.resources[0] ?? '',
      })),
    );
    path = page._links.next?.href;
  }
  return entries.toReversed();
}

interface AuditPage {
  readonly items: readonly {
    readonly description: string;
    readonly comment?: string;
    readonly target: { readonly resources: readonly string[] };
  }[];
  readonly _links: { readonly next?: { readonly href: string } };
}
