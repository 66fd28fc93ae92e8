import { OperatorError } from '../../diagnostics/operator-error.js';
import type { GitSetting } from './git-env.js';

/** One setting of git's configuration. The name is as git normalises it: all but the subsection in lower case. */
export interface ConfigEntry {
  /** `system`, `global` and `command` are the user's own; `local` and `worktree` came with the repository. */
  readonly scope: string;
  readonly name: string;
  readonly value: string;
}

/** What git is given so that it runs no program that the repository's own configuration names. */
export interface SafeGitOptions {
  /** Settings that outrank those of the repository. */
  readonly settings: readonly GitSetting[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Programs that git needs to reach a remote. What a user set up for that stays in force. */
const REACHING = /^(?:credential\.(?:.*\.)?helper|core\.(?:askpass|sshcommand|gitproxy))$/s;

const HELPER = /^credential\.(?:.*\.)?helper$/s;
const HOOK = /^(?<hook>hook\..*)\.(?:command|event)$/s;
const REMOTE_PROGRAM = /^remote\..*\.(?:uploadpack|receivepack)$/s;
const PROMISOR = /^(?:extensions\.partialclone|remote\..*\.(?:promisor|partialclonefilter))$/s;
/** A key that is read by an engine of OpenSSL may name the library to load. */
const KEY_TYPE = /^http\.(?:.*\.)?(?:proxy)?ssl(?:cert|key)type$/s;

/** Whether a setting came with the repository: another user may have written it. */
function isFromRepository({ scope }: ConfigEntry): boolean {
  return !['system', 'global', 'command'].includes(scope);
}

/** The value that counts, of all scopes: the last one. */
export function lastValue(entries: readonly ConfigEntry[], name: string): string | undefined {
  return entries.findLast((entry) => entry.name === name)?.value;
}

/**
 * Keeps git from running programs that the repository's own configuration names, and leaves it those of the user
 * (system, global, command line, environment).
 *
 * Settings that no user needs are switched off for every call, in `git.ts`. Here are those that a user may need, for
 * which the repository's values are dropped and the user's are given again.
 *
 * @param entries git's configuration in git's order
 * @param ambient the environment of this process
 * @throws OperatorError if git would run a program of the repository's and cannot be kept from it
 */
export function withoutRepositoryPrograms(
  entries: readonly ConfigEntry[],
  ambient: NodeJS.ProcessEnv,
): SafeGitOptions {
  const theirs = entries.filter(isFromRepository);
  const ours = entries.filter((entry) => !isFromRepository(entry));
  const sets = (name: string): boolean => theirs.some((entry) => entry.name === name);
  const settings: GitSetting[] = [];
  const environment: Record<string, string> = {};

  refuseLazyFetchProgram(entries, theirs);
  if (theirs.some(({ name }) => HELPER.test(name))) {
    // An empty helper empties the list.
    settings.push(['credential.helper', '']);
    for (const { name, value } of ours) if (HELPER.test(name)) settings.push([name, value]);
  }
  if (sets('core.askpass')) {
    settings.push(['core.askPass', lastValue(ours, 'core.askpass') ?? ambient['SSH_ASKPASS'] ?? '']);
  }
  if (sets('core.alternaterefscommand')) {
    // `true` lists no refs, so more may be fetched than is needed.
    settings.push(['core.alternateRefsCommand', lastValue(ours, 'core.alternaterefscommand') ?? 'true']);
  }
  // Of several proxies the first that matches is used, so that no later setting outranks the repository's.
  if (sets('core.gitproxy')) environment['GIT_PROXY_COMMAND'] = '';
  for (const { name } of theirs) {
    if (KEY_TYPE.test(name)) settings.push([name, lastValue(ours, name) ?? 'PEM']);
  }
  // Git 2.54 and later take hooks from the configuration, too.
  const hooks = entries.flatMap(({ name }) => HOOK.exec(name)?.groups?.['hook'] ?? []);
  for (const hook of new Set(hooks)) settings.push([`${hook}.enabled`, 'false']);
  const ssh = sshCommand(ours, sets('core.sshcommand'), ambient);
  if (ssh !== undefined) environment['GIT_SSH_COMMAND'] = ssh;
  return { settings, environment };
}

/** Git's own order, without the repository: GIT_SSH_COMMAND, core.sshCommand, GIT_SSH, ssh. */
function sshCommand(
  ours: readonly ConfigEntry[],
  isSetByThem: boolean,
  { GIT_SSH_COMMAND, GIT_SSH }: NodeJS.ProcessEnv,
): string | undefined {
  if (GIT_SSH_COMMAND !== undefined) return undefined;
  const configured = lastValue(ours, 'core.sshcommand');
  if (configured !== undefined) return configured;
  // ssh asks for passphrases and about unknown hosts on the terminal, unless it is told not to.
  if (GIT_SSH === undefined) return 'ssh -o BatchMode=yes';
  return isSetByThem ? `'${GIT_SSH.replaceAll("'", `'\\''`)}'` : undefined;
}

/**
 * A partial clone fetches what it lacks in the middle of any command. Git then uses the first `uploadpack` there is,
 * which no later setting outranks.
 */
function refuseLazyFetchProgram(entries: readonly ConfigEntry[], theirs: readonly ConfigEntry[]): void {
  const program = theirs.find(({ name }) => name.endsWith('.uploadpack') && REMOTE_PROGRAM.test(name));
  if (program === undefined || !entries.some(({ name }) => PROMISOR.test(name))) return;
  const { name } = program;
  throw new OperatorError(
    'git-program',
    `the repository's own configuration sets ${name}, which git would run`,
    {
      hint: `run git config --unset-all ${name}, or set it with git config --global`,
    },
  );
}

/**
 * The program to start at a remote (`upload-pack` to fetch from it, `receive-pack` to push to it), if the repository's
 * own configuration names one: git's, or the user's.
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

/** Names of the repository's own settings that are not used to reach a remote. */
export function unusedPrograms(entries: readonly ConfigEntry[]): string[] {
  const names = entries.filter(isFromRepository).map(({ name }) => name);
  return [...new Set(names)].filter((name) => REACHING.test(name) || REMOTE_PROGRAM.test(name)).toSorted();
}
