import { scopeKey } from '../../reconcile/state.js';
import { appliedPrefix, decodeRefPart } from './ref-name.js';

/** A last-applied ref of a configuration with another name. */
export interface OtherApplied {
  readonly name: string;
  readonly ref: string;
  /** The id of the last applied commit, which this clone may not have. */
  readonly id: string;
}

/**
 * The last-applied refs of a host that configurations with other names wrote.
 * @param refs ids by ref
 * @param host LaunchDarkly's host, with its port if it has one
 * @param name the configuration's own name
 * @returns by `scopeKey`
 */
export function otherNamesIn(
  refs: ReadonlyMap<string, string>,
  host: string,
  name: string,
): Map<string, readonly OtherApplied[]> {
  const prefix = appliedPrefix(host);
  const others = new Map<string, readonly OtherApplied[]>();
  for (const [ref, id] of refs) {
    if (!ref.startsWith(prefix)) continue;
    const [other, project, environment, more] = ref.slice(prefix.length).split('/').map(decodeRefPart);
    if (other === undefined || project === undefined || environment === undefined) continue;
    if (more !== undefined || other === name) continue;
    const key = scopeKey({ project, environment });
    others.set(key, [...(others.get(key) ?? []), { name: other, ref, id }]);
  }
  return others;
}
