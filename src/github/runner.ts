import { readFileSync } from 'node:fs';
import { OperatorError } from '../diagnostics/operator-error.js';

/** The run, as the `GITHUB_*` variables of GitHub's runner describe it. */
export interface Runner {
  /** For example `pull_request`. */
  readonly event: string;
  /** The event's payload; empty if there is none. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** For example `refs/heads/main`. */
  readonly ref: string;
  readonly sha: string;
  /** `owner/name`. */
  readonly repository: string;
  /** For example `https://api.github.com`. */
  readonly apiUrl: string;
  /** For example `https://github.com`. */
  readonly serverUrl: string;
  /** Absolute path of the directory that repositories are checked out into. */
  readonly workspace: string;
  /** A directory that is emptied after the job. */
  readonly temporary: string;
  /** URL of the run's log; undefined if the runner sets no run id. */
  readonly runUrl: string | undefined;
  /** Files that the runner reads when the step has ended; undefined if it named none. */
  readonly outputFile: string | undefined;
  readonly summaryFile: string | undefined;
}

/**
 * Reads the runner's variables and the event's payload.
 * @throws OperatorError if the payload cannot be read, or this is not GitHub's runner
 */
export function readRunner(env: NodeJS.ProcessEnv): Runner {
  const get = (name: string): string | undefined => asText(env[name]);
  const required = (name: string): string => {
    const value = get(name);
    if (value !== undefined) return value;
    throw new OperatorError('no-runner', `${name} is not set: this is not GitHub's runner`, {
      hint: 'outside of GitHub Actions, use the flagops command line',
    });
  };
  const repository = required('GITHUB_REPOSITORY');
  const serverUrl = (get('GITHUB_SERVER_URL') ?? 'https://github.com').replace(/\/+$/, '');
  const run = get('GITHUB_RUN_ID');
  return {
    event: required('GITHUB_EVENT_NAME'),
    payload: readPayload(get('GITHUB_EVENT_PATH')),
    ref: get('GITHUB_REF') ?? '',
    sha: get('GITHUB_SHA') ?? '',
    repository,
    apiUrl: (get('GITHUB_API_URL') ?? 'https://api.github.com').replace(/\/+$/, ''),
    serverUrl,
    workspace: required('GITHUB_WORKSPACE'),
    temporary: get('RUNNER_TEMP') ?? required('GITHUB_WORKSPACE'),
    runUrl: run === undefined ? undefined : `${serverUrl}/${repository}/actions/runs/${run}`,
    outputFile: get('GITHUB_OUTPUT'),
    summaryFile: get('GITHUB_STEP_SUMMARY'),
  };
}

function readPayload(path: string | undefined): Readonly<Record<string, unknown>> {
  if (path === undefined) return {};
  try {
    return asObject(JSON.parse(readFileSync(path, 'utf8'))) ?? {};
  } catch (cause) {
    throw new OperatorError('event-unreadable', `the event's payload ${path} cannot be read`, {
      hint: 'GITHUB_EVENT_PATH must be the path of the JSON file that GitHub wrote',
      cause,
    });
  }
}

/** The value if it is a JSON object, otherwise undefined. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/** The value if it is a string that is not empty, otherwise undefined. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
