import { OperatorError } from '../diagnostics/operator-error.js';
import { EXIT } from '../exit-codes.js';
import { checkBaseUrl } from '../launchdarkly/http/base-url.js';
import { scopeKey } from '../reconcile/state.js';
import { declare } from '../planning/read-declarations.js';
import type { Io } from '../terminal/io.js';
import { readGitState, recordedScopes } from '../planning/git-state.js';
import { coveredScopes } from '../planning/scopes.js';

export interface MatrixOptions {
  readonly config?: string | undefined;
  readonly allowEmpty: boolean;
  /** From `--base-url` or `LAUNCHDARKLY_BASE_URL`: the last-applied refs are kept for each host. */
  readonly baseUrl: string | undefined;
  /** The number of shards of each scope. */
  readonly shards: number;
}

/** GitHub's limit for the jobs of one matrix. */
const MAX_JOBS = 256;

/**
 * `flagops matrix`: prints every scope that a plan covers as a value for `strategy.matrix` in GitHub Actions: one line of
 * JSON, whose entries are values for `--project`, `--environment` and `--shard`. Sends no request. Returns the exit code.
 * @throws DeclarationsInvalid, OperatorError
 */
export async function matrix(options: MatrixOptions, io: Io): Promise<number> {
  if (options.shards < 1 || options.shards > MAX_JOBS) {
    throw new OperatorError('matrix-size', `a scope cannot be split into ${options.shards} shards`, {
      hint: `pass --shards 1 to ${MAX_JOBS}`,
    });
  }
  const declared = await declare({
    cwd: io.cwd,
    config: options.config,
    allowEmpty: options.allowEmpty,
    now: io.now(),
    signal: io.signal,
  });
  const baseUrl = checkBaseUrl({ fromFile: declared.config.baseUrl, fromOutside: options.baseUrl });
  const past = await readGitState(declared, new URL(baseUrl).host, 'no');
  past.close();
  const scopes = coveredScopes(declared.desired, declared.config, recordedScopes(past))
    .filter(({ policy }) => policy !== undefined)
    .map(({ scope }) => scope)
    .toSorted((a, b) => Number(scopeKey(a) > scopeKey(b)) - Number(scopeKey(a) < scopeKey(b)));
  const jobs = scopes.flatMap(({ project, environment }) =>
    Array.from({ length: options.shards }, (_, index) => ({
      project,
      environment,
      shard: `${index + 1}/${options.shards}`,
    })),
  );
  if (jobs.length === 0 || jobs.length > MAX_JOBS) {
    throw new OperatorError(
      'matrix-size',
      `the matrix has ${jobs.length} jobs, and GitHub allows 1 to ${MAX_JOBS}`,
      { hint: jobs.length === 0 ? 'declare a scope' : 'use fewer shards, or several configurations' },
    );
  }
  io.stdout(`${JSON.stringify({ include: jobs })}\n`);
  return EXIT.done;
}
