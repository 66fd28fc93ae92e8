import { parseConfig } from '../../src/config/parse.js';
import type { Config } from '../../src/config/config.js';
import { type GitState, readGitState } from '../../src/planning/git-state.js';
import { type Declared, declare } from '../../src/planning/read-declarations.js';
import { SourceText } from '../../src/yaml/source.js';
import type { TestRepository } from './repository.js';

/** The host in the names of last-applied refs. */
export const HOST = 'app.launchdarkly.com';

/** Parses a valid configuration. */
export function parsedConfig(text: string): Config {
  const { config } = parseConfig(new SourceText('flagops.yaml', text));
  if (config === undefined) throw new Error('the configuration is not valid');
  return config;
}

/** Reads the declarations in a folder, which may be none. */
export function declaredIn(folder: string): Promise<Declared> {
  return declare({ cwd: folder, allowEmpty: true, now: Date.now(), signal: new AbortController().signal });
}

/** Reads declarations and git state of a repository, without a remote. */
export async function gitStateOf(
  repository: TestRepository,
): Promise<{ readonly declared: Declared; readonly state: GitState }> {
  const declared = await declaredIn(repository.path);
  const state = await readGitState(declared, HOST, 'no');
  state.close();
  return { declared, state };
}

/** Moves the last-applied ref of `storefront` in an environment, as an apply does. */
export function markApplied(repository: TestRepository, commit = 'HEAD', environment = 'production'): void {
  repository.git('update-ref', `refs/flagops/applied/${HOST}/default/storefront/${environment}`, commit);
}
