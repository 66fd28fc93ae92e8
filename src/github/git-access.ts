/**
 * Gives git a token for one server, in the environment that it is started with: nothing is written to disk, no other
 * host is sent it, and it is in no command line. What `actions/checkout` may have left in the repository's own
 * configuration is taken back first, since GitHub refuses two of the same header.
 *
 * @param env the environment that git will inherit; changed
 * @returns what of it must be shown nowhere
 */
export function grantGit(env: NodeJS.ProcessEnv, serverUrl: string, token: string): string {
  const credential = Buffer.from(`x-access-token:${token}`).toString('base64');
  const name = `http.${serverUrl}/.extraheader`;
  const first = Number(env['GIT_CONFIG_COUNT'] ?? '0');
  const settings = ['', `AUTHORIZATION: basic ${credential}`];
  for (const [index, value] of settings.entries()) {
    env[`GIT_CONFIG_KEY_${first + index}`] = name;
    env[`GIT_CONFIG_VALUE_${first + index}`] = value;
  }
  env['GIT_CONFIG_COUNT'] = String(first + settings.length);
  return credential;
}
