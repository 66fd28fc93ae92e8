import { OperatorError } from '../diagnostics/operator-error.js';
import { type GitHubApi, GitHubError } from './api.js';
import { asObject, asText } from './runner.js';

/**
 * The newest commit of a branch.
 * @throws OperatorError if GitHub does not return it: then applying might undo newer commits
 */
export async function branchTip(api: GitHubApi, repository: string, branch: string): Promise<string> {
  const path = `/repos/${repository}/git/ref/heads/${branch.split('/').map(encodeURIComponent).join('/')}`;
  try {
    const response = asObject(await api.request('GET', path));
    const tip = asText(asObject(response?.['object'])?.['sha']);
    if (tip !== undefined) return tip;
    throw new GitHubError(200, 'the response names no commit');
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    throw new OperatorError('branch-tip', `GitHub did not return the tip of ${branch}: ${error.message}`, {
      hint: error.limited
        ? 'run the job again later'
        : 'the job needs permissions: contents: read, and github-token',
      cause: error,
    });
  }
}

/** The default branch, for events whose payload does not name it. */
export async function defaultBranch(api: GitHubApi, repository: string): Promise<string | undefined> {
  try {
    return asText(asObject(await api.request('GET', `/repos/${repository}`))?.['default_branch']);
  } catch (error) {
    if (error instanceof GitHubError) return undefined;
    throw error;
  }
}
