import { asObject, type Runner, asText } from './runner.js';

/** The pull request that a run belongs to. */
interface PullRequest {
  readonly number: number;
  /** Whether its commits come from another repository; then GitHub gives the run no secrets. */
  readonly fork: boolean;
  /** The branch that it will be merged into; undefined if the payload does not name it. */
  readonly base: string | undefined;
}

/** The parts of an event that decide what a run does. */
export interface Trigger {
  readonly event: string;
  /** For example `refs/heads/main`. */
  readonly ref: string;
  /** Undefined if the payload does not name it. */
  readonly defaultBranch: string | undefined;
  readonly pullRequest: PullRequest | undefined;
  /** Whether Dependabot started the run; then GitHub gives it no secrets. */
  readonly withoutSecrets: boolean;
}

/** Reads an event's payload. Source: GitHub, "Webhook events and payloads"; `schedule` has almost none. */
export function readTrigger(runner: Runner): Trigger {
  const { payload } = runner;
  const pull = asObject(payload['pull_request']);
  const number = pull?.['number'];
  const headRepository = asText(asObject(asObject(pull?.['head'])?.['repo'])?.['full_name']);
  return {
    event: runner.event,
    ref: runner.ref,
    defaultBranch: asText(asObject(payload['repository'])?.['default_branch']),
    pullRequest:
      typeof number === 'number'
        ? // A fork that has been deleted has no name; then it differs from the repository's, too.
          {
            number,
            fork: headRepository?.toLowerCase() !== runner.repository.toLowerCase(),
            base: asText(asObject(pull?.['base'])?.['ref']),
          }
        : undefined,
    withoutSecrets: asText(asObject(payload['sender'])?.['login']) === 'dependabot[bot]',
  };
}
