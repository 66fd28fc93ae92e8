import { addSettings } from '../history/git/git-env.js';

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
  addSettings(env, [
    [name, ''],
    [name, `AUTHORIZATION: basic ${credential}`],
  ]);
  return credential;
}

/**
 * Lets git read a checkout that belongs to another user: in a job that runs in a container, the runner outside of it
 * made the workspace.
 *
 * @param env the environment that git will inherit; changed
 * @param folder the root of the working tree
 */
export function trustCheckout(env: NodeJS.ProcessEnv, folder: string): void {
  addSettings(env, [['safe.directory', folder]]);
}
