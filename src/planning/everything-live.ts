import type { FlagReader } from '../launchdarkly/client.js';
import { readProject } from '../launchdarkly/read/read-project.js';
import type { LiveFlag, LiveProject } from '../reconcile/state.js';
import type { ManagedScope } from './scopes.js';

/** Everything that is live in the environments of one project that an import covers. */
export interface LiveImport {
  /** The flags that serve, and those that are declared. */
  readonly live: LiveProject;
  readonly archived: readonly LiveFlag[];
}

/**
 * Reads whole projects: all flags, archived ones too, and the context kinds.
 * @returns by project key
 * @throws OperatorError, among others `unknown-project` and `unknown-environment`
 */
export async function readEverything(
  reader: FlagReader,
  scopes: readonly ManagedScope[],
): Promise<ReadonlyMap<string, LiveImport>> {
  const projects = new Map<string, ManagedScope[]>();
  for (const scope of scopes) {
    const known = projects.get(scope.scope.project);
    if (known === undefined) projects.set(scope.scope.project, [scope]);
    else known.push(scope);
  }
  const read = [...projects].map(async ([project, members]) => {
    const environments = members.map(({ scope }) => scope.environment);
    const declared = members.flatMap(({ desired }) =>
      [...desired.overrides.values()].map(({ flag }) => flag),
    );
    const needed = new Set(declared);
    const [live, archived] = await Promise.all([
      readProject(reader, { project, environments, needed, all: true, contextKinds: true }),
      reader.listFlags(project, environments, 'archived'),
    ]);
    return [project, { live, archived: [...archived.flags, ...(await archived.rest())] }] as const;
  });
  return new Map(await Promise.all(read));
}
