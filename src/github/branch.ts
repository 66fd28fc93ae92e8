import { OperatorError } from '../diagnostics/operator-error.js';
import { type GitHubApi, GitHubError } from './api.js';
import { asObject, asText } from './runner.js';

/**
 * The commit that a branch stands at now.
 * @throws OperatorError where GitHub does not say: without it an old run could undo what came after it
 */
export async function branchTip(api: GitHubApi, repository: string, branch: string): Promise<string> {
  const path = `/repos/${repository}/git/ref/heads/${branch.split('/').map(encodeURIComponent).join('/')}`;
  try {
    const answer = asObject(await api.request('GET', path));
    const tip = asText(asObject(answer?.['object'])?.['sha']);
    if (tip !== undefined) return tip;
    throw new GitHubError(200, 'the answer names no commit');
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    throw new OperatorError('branch-tip', `GitHub does not say where ${branch} stands: ${error.message}`, {
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
