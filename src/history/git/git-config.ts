/** One setting of git's configuration, with the name as git normalises it: lower case except for the subsection. */
export interface ConfigEntry {
  /** `system`, `global` and `command` belong to the user; `local` and `worktree` came with the repository. */
  readonly scope: string;
  readonly name: string;
  readonly value: string;
}

/** Arguments that make git list its whole configuration for `parseConfigList`. This runs no other program. */
export const LIST_CONFIG = ['config', '--null', '--show-scope', '--list'] as const;

/** Parses the output of `LIST_CONFIG`. Keeps git's order, in which later entries take precedence. */
export function parseConfigList(output: string): ConfigEntry[] {
  const parts = output.split('\0');
  const entries: ConfigEntry[] = [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const [scope = '', entry = ''] = parts.slice(index, index + 2);
    const end = entry.indexOf('\n');
    // A name without a value means true.
    if (end < 0) entries.push({ scope, name: entry, value: 'true' });
    else entries.push({ scope, name: entry.slice(0, end), value: entry.slice(end + 1) });
  }
  return entries;
}

/** The value in effect: the last one, of any scope. */
export function lastValue(entries: readonly ConfigEntry[], name: string): string | undefined {
  return entries.findLast((entry) => entry.name === name)?.value;
}

/** Whether a setting came with the repository, so that another user may have written it. */
export function isFromRepository({ scope }: ConfigEntry): boolean {
  return !['system', 'global', 'command'].includes(scope);
}
