import { OperatorError } from '../diagnostics/operator-error.js';
import { SHORTEST_SECRET } from '../security/secret-mask.js';

export type ActionCommand = 'validate' | 'plan' | 'apply' | 'drift';

const COMMANDS: readonly string[] = ['validate', 'plan', 'apply', 'drift'] satisfies ActionCommand[];

/** The inputs of the Action, as `action.yml` declares them. */
export interface Inputs {
  /** Undefined if the event decides. */
  readonly command: ActionCommand | undefined;
  readonly config: string | undefined;
  /** What `drift` does about drift. */
  readonly drift: 'report' | 'repair';
  /** Globs that select scopes; empty lists select all. */
  readonly selection: { readonly projects: readonly string[]; readonly environments: readonly string[] };
  readonly accessToken: string | undefined;
  readonly baseUrl: string | undefined;
  readonly githubToken: string | undefined;
  readonly comment: boolean;
  readonly expect: string | undefined;
  readonly force: boolean;
  readonly allowLoosened: boolean;
  readonly allowEmpty: boolean;
  readonly noRemovals: boolean;
  readonly recordApplied: boolean;
  /** Undefined for the default branch. */
  readonly applyBranch: string | undefined;
  readonly planFile: string | undefined;
  /** Salt for redacted context keys; undefined if keys may be shown. */
  readonly redactSalt: string | undefined;
  readonly workingDirectory: string;
}

/**
 * Reads the inputs from `INPUT_*`. The LaunchDarkly token and base URL may also come from the environment variables that
 * the command line reads.
 * @throws OperatorError if an input is invalid
 */
export function readInputs(env: NodeJS.ProcessEnv): Inputs {
  const get = (name: string): string | undefined => trimmed(env[`INPUT_${name.toUpperCase()}`]);
  const flag = (name: string, byDefault: boolean): boolean => {
    const value = get(name)?.toLowerCase();
    if (value === undefined) return byDefault;
    if (value === 'true' || value === 'false') return value === 'true';
    throw new OperatorError('input', `the input ${name} must be true or false, not ${value}`, {
      hint: `write ${name}: true`,
    });
  };
  const command = get('command');
  if (command !== undefined && !COMMANDS.includes(command)) {
    throw new OperatorError(
      'input',
      `the input command must be one of ${COMMANDS.join(', ')}, not ${command}`,
      {
        hint: 'leave it out to let the event decide',
      },
    );
  }
  const drift = get('drift') ?? 'report';
  if (drift !== 'report' && drift !== 'repair') {
    throw new OperatorError('input', `the input drift must be report or repair, not ${drift}`, {
      hint: 'write drift: repair, or leave it out to report drift in an issue',
    });
  }
  const redactSalt = get('redact-salt');
  const redacts = flag('redact-keys', false);
  if (redacts && redactSalt === undefined) {
    throw new OperatorError('input', 'redact-keys needs redact-salt', {
      hint: 'create a secret of 32 random characters and pass it as redact-salt; without it, keys could be guessed',
    });
  }
  const accessToken = get('access-token') ?? trimmed(env['LAUNCHDARKLY_ACCESS_TOKEN']);
  const githubToken = get('github-token');
  for (const [name, secret] of Object.entries({
    'access-token': accessToken,
    'github-token': githubToken,
    'redact-salt': redacts ? redactSalt : undefined,
  })) {
    if (secret === undefined || secret.length >= SHORTEST_SECRET) continue;
    throw new OperatorError('input', `the input ${name} has fewer than ${SHORTEST_SECRET} characters`, {
      hint: 'a value this short could not be masked in the output',
    });
  }
  return {
    command: command as ActionCommand | undefined,
    config: get('config'),
    drift,
    selection: { projects: listOf(get('projects')), environments: listOf(get('environments')) },
    accessToken,
    baseUrl: get('base-url') ?? trimmed(env['LAUNCHDARKLY_BASE_URL']),
    githubToken,
    comment: flag('comment', true),
    expect: get('expect'),
    force: flag('force', false),
    allowLoosened: flag('allow-loosened', false),
    allowEmpty: flag('allow-empty', false),
    noRemovals: flag('no-removals', false),
    recordApplied: flag('record-applied', true),
    applyBranch: get('apply-branch')?.replace(/^refs\/heads\//, ''),
    planFile: get('plan-file'),
    redactSalt: redacts ? redactSalt : undefined,
    workingDirectory: get('working-directory') ?? '.',
  };
}

/** The items of a list that are separated by commas or line breaks. Keys of projects and environments contain neither. */
function listOf(value: string | undefined): string[] {
  return (value ?? '').split(/[,\n]/).flatMap((item) => trimmed(item) ?? []);
}

/** A value without surrounding white space; undefined if nothing is left. */
function trimmed(value: string | undefined): string | undefined {
  const text = value?.trim();
  return text === '' ? undefined : text;
}
