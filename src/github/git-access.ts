import { addSettings } from '../history/git/git-env.js';

/**
 * Gives git a token for one server through its environment: the token is not written to disk, not sent to another host,
 * and in no command line. A header that `actions/checkout` may have left in the repository's configuration is reset
 * first, since GitHub refuses a request with two Authorization headers.
 *
 * @param env the environment that git will inherit; changed
 * @returns the encoded credential, which must not appear in any output
 */
export function grantGit(env: NodeJS.ProcessEnv, serverUrl: string, token: string): string {
  const credential = Buffer.from(`x-access-token:${token}`).toString('base64');
  const name = `http.${serverUrl}/.extraheader`;
  addSettings(env, [
    [name, ''],
    [name, `AUTHORIZATION: basic ${credential}`],
  ]);
  return credential;
}

/**
 * Lets git read a checkout that belongs to another user: if a job runs in a container, the workspace was created by the
 * runner, outside of the container.
 *
 * @param env the environment that git will inherit; changed
 * @param folder the root of the working tree
 */
export function trustCheckout(env: NodeJS.ProcessEnv, folder: string): void {
  addSettings(env, [['safe.directory', folder]]);
}
