import { mustRun, type Git } from './git.js';
import type { ConfigEntry } from './repository-programs.js';

/** Reads git's whole configuration, in the order in which git does. Nothing of it is run. */
export async function readConfig(git: Git): Promise<ConfigEntry[]> {
  const output = await mustRun(git, ['config', '--null', '--show-scope', '--list']);
  const parts = output.toString('utf8').split('\0');
  const entries: ConfigEntry[] = [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const [scope = '', entry = ''] = parts.slice(index, index + 2);
    const end = entry.indexOf('\n');
    // A name without a value counts as true.
    if (end < 0) entries.push({ scope, name: entry, value: 'true' });
    else entries.push({ scope, name: entry.slice(0, end), value: entry.slice(end + 1) });
  }
  return entries;
}
