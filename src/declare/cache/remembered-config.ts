import { type Config, DEFAULT_CONFIG, DEFAULT_POLICY } from '../../config/config.js';
import { type ConfigParser, parseConfigOnDemand } from '../../config/find.js';
import type { ParsedCache } from './cache.js';
import { checksumOf } from './pack-file.js';

/** Contains the defaults, so that nothing is recalled that a version of flagops with other keys or defaults remembered. */
const KIND = `configuration ${JSON.stringify([DEFAULT_CONFIG, DEFAULT_POLICY])}\n`;

/**
 * A parser of configurations that remembers those without problems, so that a short command does not load the YAML parser.
 * @param cache undefined outside git, where nothing is remembered
 */
export function rememberingParser(cache: ParsedCache | undefined): ConfigParser {
  return async (source) => {
    const id = checksumOf(`${KIND}${source.text}`);
    const encoded = cache?.get(id);
    const remembered = encoded === undefined ? undefined : decodeConfig(encoded, source.path);
    if (remembered !== undefined) return { config: remembered, diagnostics: [] };
    const parsed = await parseConfigOnDemand(source);
    // Warnings must be reported again.
    if (parsed.config !== undefined && parsed.diagnostics.length === 0)
      cache?.put(id, JSON.stringify(parsed.config));
    return parsed;
  };
}

/** Decodes a configuration, for a file at this path. */
function decodeConfig(encoded: string, path: string): Config | undefined {
  let config: Config;
  try {
    config = JSON.parse(encoded) as Config;
  } catch {
    return undefined;
  }
  // JSON leaves out what is undefined.
  const { baseUrl, scopes } = config;
  return {
    ...config,
    baseUrl: baseUrl && { ...baseUrl, at: { ...baseUrl.at, file: path } },
    scopes: scopes?.map((scope) => ({
      ...scope,
      policy: { ...scope.policy, files: scope.policy.files, paused: scope.policy.paused },
    })),
  };
}
