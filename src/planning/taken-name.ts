import { posix } from 'node:path';
import type { Config } from '../config/config.js';
import type { ConfigParser } from '../config/find.js';
import { rememberingParser } from '../declare/cache/remembered-config.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { type ObjectReader, objectsOf } from '../history/git/object-reader.js';
import type { Repository } from '../history/git/repository.js';
import { pathBytes, pathText, readFolders, readTree, resolvePath } from '../history/git/tree.js';
import { openHistory } from '../history/history.js';
import { scopeKey } from '../reconcile/state.js';
import { decode } from '../yaml/decode.js';
import { SourceText } from '../yaml/source.js';
import { historyFormat } from './history-format.js';
import type { Declared } from './read-declarations.js';

/**
 * Refuses a configuration if HEAD has another one with its name and one of its scopes: both would use the same
 * last-applied ref, and each would remove what only the other one declares. The scopes of a configuration that lists
 * none are those that its declarations name.
 *
 * @param named the paths of all configurations in git's index. More git processes are needed only if there are several.
 * @throws OperatorError `config-name-taken`
 */
export async function refuseTakenName(
  repository: Repository,
  declared: Declared,
  named: readonly string[],
): Promise<void> {
  const { config, workspace, desired } = declared;
  const others = named.filter((path) => path !== workspace.configPath);
  if (repository.head === undefined || others.length === 0) return;
  const mine = new Set(config.scopes?.map(scopeKey) ?? desired.keys());
  const parse = rememberingParser(declared.cache);
  for (const [path, other] of await committedConfigs(repository, repository.head.id, others, parse)) {
    if (other.name !== config.name) continue;
    const theirs = other.scopes?.map(scopeKey) ?? (await declaredScopes(repository, declared, path));
    const common = theirs.find((scope) => mine.has(scope));
    if (common === undefined) continue;
    const one = workspace.configExists ? workspace.configPath : 'the default configuration';
    throw new OperatorError(
      'config-name-taken',
      `${one} and ${path} have the same name, ${config.name}, and both manage ${common}`,
      { hint: 'set name in one of them to another name, or remove the scope from one of them' },
    );
  }
}

/** The configurations among the paths that HEAD contains and that are valid: others cannot be applied. */
async function committedConfigs(
  repository: Repository,
  head: string,
  paths: readonly string[],
  parseConfig: ConfigParser,
): Promise<(readonly [path: string, config: Config])[]> {
  const reader = objectsOf(repository.git);
  const release = reader.hold();
  try {
    const found: (readonly [string, Config])[] = [];
    for (const [bytes, entry] of await readTree(repository.git, head, paths)) {
      const path = pathText(bytes);
      const blob = entry.link ? await linkedBlob(repository, head, path, reader) : entry.blob;
      const content = blob === undefined ? undefined : await reader.blob(blob);
      const decoded = content && decode(content);
      if (decoded?.ok !== true) continue;
      const { config } = await parseConfig(new SourceText(path, decoded.text));
      if (config !== undefined) found.push([path, config]);
    }
    return found;
  } finally {
    release();
  }
}

/** The blob that a link leads to within the commit. */
async function linkedBlob(
  { git }: Repository,
  head: string,
  link: string,
  reader: ObjectReader,
): Promise<string | undefined> {
  const paths = [link];
  for (;;) {
    const tree = await readFolders(git, head, paths);
    const { blob, through } = await resolvePath(
      tree,
      pathBytes(link),
      async (id) => (await reader.blob(id))?.toString('latin1') ?? '/',
    );
    const further = through.map(pathText).filter((path) => !paths.includes(path));
    if (blob !== undefined || further.length === 0) return blob;
    paths.push(...further);
  }
}

/** The scopes that a configuration's declarations in HEAD name. */
async function declaredScopes(
  repository: Repository,
  declared: Declared,
  configPath: string,
): Promise<string[]> {
  if (repository.head === undefined) return [];
  const place = { ...declared.workspace, configPath, folder: posix.dirname(configPath) };
  const history = openHistory(repository, historyFormat(place, declared));
  return [...(await history.declaredAt(repository.head.id)).declared.keys()];
}
