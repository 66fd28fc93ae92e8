import { asObject, type Runner, asText } from './runner.js';

/** The pull request that a run belongs to. */
interface PullRequest {
  readonly number: number;
  /** Whether its commits come from another repository, whose author gets no secrets. */
  readonly fork: boolean;
}

/** What of an event decides what is done. */
export interface Trigger {
  readonly event: string;
  /** For example `refs/heads/main`. */
  readonly ref: string;
  /** Undefined where the payload does not say. */
  readonly defaultBranch: string | undefined;
  readonly pullRequest: PullRequest | undefined;
  /** Whether the run was started by a bot that GitHub gives no secrets, such as Dependabot. */
  readonly withoutSecrets: boolean;
}

/** Reads an event's payload (GitHub's webhook events, and `schedule`, which has next to none). */
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
        ? // A fork that was deleted meanwhile has no name any more.
          { number, fork: headRepository?.toLowerCase() !== runner.repository.toLowerCase() }
        : undefined,
    withoutSecrets: asText(asObject(payload['sender'])?.['login']) === 'dependabot[bot]',
  };
}
