import { isLoopback } from '../../security/loopback.js';
import type { Repository } from '../git/repository.js';

/** Where an apply records its attempts and its last-applied commits. */
export interface RefPlace {
  readonly repo: Repository;
  /** LaunchDarkly's host, with its port if it has one. */
  readonly host: string;
  /** The configuration's name. */
  readonly name: string;
  /** Whether refs may be pushed at all. Those for a LaunchDarkly on this machine never are. */
  readonly push: boolean;
  /** For the remote, in milliseconds, if shorter than the default. */
  readonly timeout?: number;
}

/** Whether refs are pushed, if there is a remote. */
export function isPushing({ push, host }: RefPlace): boolean {
  return push && !isLoopback(host);
}
