import { scopeKey } from '../../reconcile/state.js';
import type { Repository } from '../git/repository.js';
import { readRefs } from './read-refs.js';
import { appliedPrefix, decodeRefPart } from './ref-name.js';

/** A last-applied ref of a configuration with another name. */
export interface OtherApplied {
  readonly name: string;
  readonly ref: string;
  /** The id of the last applied commit, which this clone may not have. */
  readonly id: string;
}

/**
 * Reads the last-applied refs of this host that configurations with other names wrote.
 * @param host LaunchDarkly's host, with its port if it has one
 * @param name the configuration's own name
 * @returns by `scopeKey`
 * @throws OperatorError `ref-broken` for a ref that git cannot read
 */
export async function readOtherNames(
  repo: Repository,
  host: string,
  name: string,
): Promise<Map<string, OtherApplied[]>> {
  const prefix = appliedPrefix(host);
  const others = new Map<string, OtherApplied[]>();
  for (const [ref, id] of await readRefs(repo, [prefix])) {
    const [other, project, environment, more] = ref.slice(prefix.length).split('/').map(decodeRefPart);
    if (other === undefined || project === undefined || environment === undefined) continue;
    if (more !== undefined || other === name) continue;
    const key = scopeKey({ project, environment });
    others.set(key, [...(others.get(key) ?? []), { name: other, ref, id }]);
  }
  return others;
}
