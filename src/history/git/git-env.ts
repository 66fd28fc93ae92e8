/**
 * Git's variables that are passed through: how this machine reaches remotes, and where git's configuration is. All
 * others that start with `GIT_` are dropped, above all those that a hook sets (`GIT_DIR`, `GIT_INDEX_FILE`), because
 * flagops must read the repository of the folder it was given.
 */
const PASSED_THROUGH =
  /^(?:GIT_(?:SSL_|PROXY_SSL_|HTTP_|CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+|PARAMETERS)$|SSH$|SSH_COMMAND$|SSH_VARIANT$|ASKPASS$|ALLOW_PROTOCOL$|EXEC_PATH$|CEILING_DIRECTORIES$|DISCOVERY_ACROSS_FILESYSTEM$)|SSH_ASKPASS$)/;

/**
 * Secrets that neither git nor any program it starts (a credential helper, ssh) needs: the token for LaunchDarkly, the
 * inputs of a GitHub Action (tokens and salts are among them), and the runner's tokens for its cache and for OpenID
 * Connect.
 */
const SECRET = /^(?:LAUNCHDARKLY_ACCESS_TOKEN$|INPUT_|ACTIONS_.*TOKEN$)/;

/** Variables that name an editor or a pager. Git must start neither. */
const EDITORS_AND_PAGERS = new Set(['EDITOR', 'VISUAL', 'PAGER', 'PREFIX']);

/**
 * The environment that git runs in: no prompts, no optional locks, messages in English, and commits as they were made,
 * whatever `git replace` puts in their place.
 *
 * @param ambient the environment of this process
 */
export function gitEnvironment(ambient: NodeJS.ProcessEnv): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(ambient)) {
    const upper = name.toUpperCase();
    if (SECRET.test(upper)) continue;
    const guarded = upper.startsWith('GIT_') || upper === 'SSH_ASKPASS' || EDITORS_AND_PAGERS.has(upper);
    if (value !== undefined && (!guarded || PASSED_THROUGH.test(upper))) environment[name] = value;
  }
  return {
    ...environment,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GCM_INTERACTIVE: 'never',
  };
}

/** Variables that say who commits, and when. Only commands that make a commit need them. */
const IDENTITY = /^GIT_(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL|DATE)$/;

/** The variables of this process that say who commits. */
export function identityVariables(ambient: NodeJS.ProcessEnv): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(ambient))
    if (value !== undefined && IDENTITY.test(name)) found[name] = value;
  return found;
}

/** A setting of git's configuration. */
export type GitSetting = readonly [name: string, value: string];

/**
 * Adds git settings to an environment, after those that it already has. Unlike a command line, an environment is not
 * visible to other users of the machine.
 *
 * @param environment that git will inherit; modified
 */
export function addSettings(environment: NodeJS.ProcessEnv, settings: readonly GitSetting[]): void {
  if (settings.length === 0) return;
  const first = Number(environment['GIT_CONFIG_COUNT'] ?? '0');
  for (const [index, [name, value]] of settings.entries()) {
    environment[`GIT_CONFIG_KEY_${first + index}`] = name;
    environment[`GIT_CONFIG_VALUE_${first + index}`] = value;
  }
  environment['GIT_CONFIG_COUNT'] = String(first + settings.length);
}
