/**
 * Variables of git's own that are handed on: how this machine reaches its remotes, and where its configuration is.
 * Everything else that starts with `GIT_` stays outside, above all what a hook sets (`GIT_DIR`, `GIT_INDEX_FILE`):
 * flagops reads the repository of the folder it was pointed at.
 */
const PASSED_THROUGH =
  /^(?:GIT_(?:SSL_|PROXY_SSL_|HTTP_|CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+|PARAMETERS)$|SSH$|SSH_COMMAND$|SSH_VARIANT$|ASKPASS$|ALLOW_PROTOCOL$|EXEC_PATH$|CEILING_DIRECTORIES$|DISCOVERY_ACROSS_FILESYSTEM$)|SSH_ASKPASS$)/;

/**
 * Secrets of the run, which nothing that git starts (a hook's interpreter, a credential helper, ssh) has a use for: the
 * token for LaunchDarkly, the inputs of a GitHub Action (its tokens and salts are among them), and the runner's own
 * tokens for its cache and for OpenID Connect.
 */
const SECRET = /^(?:LAUNCHDARKLY_ACCESS_TOKEN$|INPUT_|ACTIONS_.*TOKEN$)/;

/** Programs that git would start to show or edit something; nothing here is shown or edited by git. */
const PROGRAMS = new Set(['EDITOR', 'VISUAL', 'PAGER', 'PREFIX']);

/**
 * The environment that git runs in: no prompts, no locks that it can do without, messages in English.
 *
 * @param ambient the environment of this process
 */
export function gitEnvironment(ambient: NodeJS.ProcessEnv): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(ambient)) {
    const upper = name.toUpperCase();
    if (SECRET.test(upper)) continue;
    const guarded = upper.startsWith('GIT_') || upper === 'SSH_ASKPASS' || PROGRAMS.has(upper);
    if (value !== undefined && (!guarded || PASSED_THROUGH.test(upper))) environment[name] = value;
  }
  return {
    ...environment,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GCM_INTERACTIVE: 'never',
  };
}

/** A setting of git's configuration, as `name=value` on its command line would give it. */
export type GitSetting = readonly [name: string, value: string];

/**
 * Adds settings for git to an environment, after those that it holds already. Unlike a command line, an environment
 * is not shown to every user of the machine.
 *
 * @param environment what git will inherit; changed
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
