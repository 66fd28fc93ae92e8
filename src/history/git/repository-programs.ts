import { OperatorError } from '../../diagnostics/operator-error.js';
import { type ConfigEntry, isFromRepository, lastValue } from './git-config.js';
import type { GitSetting } from './git-env.js';

/** Settings and variables that keep git from running programs that the repository's own configuration names. */
export interface SafeGitOptions {
  /** Settings that take precedence over those of the repository. */
  readonly settings: readonly GitSetting[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Programs that git needs to reach a remote. Those that the user configured stay in effect. */
const USED_TO_REACH_REMOTE = /^(?:credential\.(?:.*\.)?helper|core\.(?:askpass|sshcommand|gitproxy))$/s;

const HELPER = /^credential\.(?:.*\.)?helper$/s;
const HOOK = /^(?<hook>hook\..*)\.(?:command|event)$/s;
const REMOTE_PROGRAM = /^remote\..*\.(?:uploadpack|receivepack)$/s;
const PROMISOR = /^(?:extensions\.partialclone|remote\..*\.(?:promisor|partialclonefilter))$/s;
/** With `ENG`, the key is handled by an OpenSSL engine, which can name a library to load. */
const KEY_TYPE = /^http\.(?:.*\.)?(?:proxy)?ssl(?:cert|key)type$/s;

/**
 * How to run git so that it runs no program that the repository's own configuration names, but still those that the
 * user configured (system, global, command line, environment). Otherwise a repository that another user prepared could
 * run code with the user's credentials.
 *
 * Settings that no user needs are switched off for every call, in `git.ts`. This function handles the settings that a
 * user may need: it overrides the repository's values and restores the user's.
 *
 * @param entries git's configuration in git's order
 * @param ambient the environment of this process
 * @throws OperatorError if git would run a program of the repository's and cannot be prevented from it
 */
export function withoutRepositoryPrograms(
  entries: readonly ConfigEntry[],
  ambient: NodeJS.ProcessEnv,
): SafeGitOptions {
  const fromRepository = entries.filter(isFromRepository);
  const fromUser = entries.filter((entry) => !isFromRepository(entry));
  const repositorySets = (name: string): boolean => fromRepository.some((entry) => entry.name === name);
  const settings: GitSetting[] = [];
  const environment: Record<string, string> = {};

  refuseLazyFetchProgram(entries, fromRepository);
  if (fromRepository.some(({ name }) => HELPER.test(name))) {
    // An empty helper clears the list.
    settings.push(['credential.helper', '']);
    for (const { name, value } of fromUser) if (HELPER.test(name)) settings.push([name, value]);
  }
  if (repositorySets('core.askpass')) {
    settings.push(['core.askPass', lastValue(fromUser, 'core.askpass') ?? ambient['SSH_ASKPASS'] ?? '']);
  }
  if (repositorySets('core.alternaterefscommand')) {
    // `true` lists no refs. At worst, more is fetched than necessary.
    settings.push(['core.alternateRefsCommand', lastValue(fromUser, 'core.alternaterefscommand') ?? 'true']);
  }
  // Git uses the first proxy that matches, so a later setting cannot override the repository's. The environment can.
  if (repositorySets('core.gitproxy')) environment['GIT_PROXY_COMMAND'] = '';
  for (const { name } of fromRepository) {
    if (KEY_TYPE.test(name)) settings.push([name, lastValue(fromUser, name) ?? 'PEM']);
  }
  // Git 2.54 and later also take hooks from the configuration.
  const hooks = entries.flatMap(({ name }) => HOOK.exec(name)?.groups?.['hook'] ?? []);
  for (const hook of new Set(hooks)) settings.push([`${hook}.enabled`, 'false']);
  const ssh = sshCommand(fromUser, repositorySets('core.sshcommand'), ambient);
  if (ssh !== undefined) environment['GIT_SSH_COMMAND'] = ssh;
  return { settings, environment };
}

/** Git's order of precedence without the repository's setting: GIT_SSH_COMMAND, core.sshCommand, GIT_SSH, ssh. */
function sshCommand(
  fromUser: readonly ConfigEntry[],
  isSetByRepository: boolean,
  { GIT_SSH_COMMAND, GIT_SSH }: NodeJS.ProcessEnv,
): string | undefined {
  if (GIT_SSH_COMMAND !== undefined) return undefined;
  const configured = lastValue(fromUser, 'core.sshcommand');
  if (configured !== undefined) return configured;
  // Without BatchMode, ssh asks for passphrases and about unknown hosts on the terminal.
  if (GIT_SSH === undefined) return 'ssh -o BatchMode=yes';
  return isSetByRepository ? `'${GIT_SSH.replaceAll("'", `'\\''`)}'` : undefined;
}

/**
 * Refuses a partial clone whose own configuration sets the program that objects are fetched with. A partial clone
 * fetches missing objects during any command, and git then uses the first `uploadpack`, which a later setting cannot
 * override.
 */
function refuseLazyFetchProgram(
  entries: readonly ConfigEntry[],
  fromRepository: readonly ConfigEntry[],
): void {
  const program = fromRepository.find(
    ({ name }) => name.endsWith('.uploadpack') && REMOTE_PROGRAM.test(name),
  );
  if (program === undefined || !entries.some(({ name }) => PROMISOR.test(name))) return;
  const { name } = program;
  throw new OperatorError(
    'git-program',
    `the repository's own configuration sets ${name}, a program that git would run`,
    {
      hint: `run git config --unset-all ${name}, or set it with git config --global`,
    },
  );
}

/**
 * The program to start on the remote (`upload-pack` to fetch, `receive-pack` to push) in place of the one that the
 * repository's own configuration names: the user's, or else git's default. Undefined if the repository names none.
 */
export function remoteProgram(
  entries: readonly ConfigEntry[],
  remote: string,
  kind: 'upload-pack' | 'receive-pack',
): string | undefined {
  const name = `remote.${remote}.${kind.replace('-', '')}`;
  const values = entries.filter((entry) => entry.name === name);
  if (!values.some(isFromRepository)) return undefined;
  return values.find((entry) => !isFromRepository(entry))?.value ?? `git-${kind}`;
}

/** Names of settings of the repository's own configuration that would be used to reach a remote, but are ignored. */
export function ignoredPrograms(entries: readonly ConfigEntry[]): string[] {
  const names = entries.filter(isFromRepository).map(({ name }) => name);
  return [...new Set(names)]
    .filter((name) => USED_TO_REACH_REMOTE.test(name) || REMOTE_PROGRAM.test(name))
    .toSorted();
}
