import { OperatorError } from '../../diagnostics/operator-error.js';
import { type ChangeFilter, checkFilter } from '../../reconcile/filter.js';
import { parseShard, type Shard } from '../../reconcile/shard.js';

/** What an attempt was about to write, and until when it may write. */
export interface AttemptContent {
  /** Id of the commit whose declarations were applied. */
  readonly commit: string;
  readonly filter: ChangeFilter;
  /** Undefined if the process applied all flags. */
  readonly shard: Shard | undefined;
  /** Epoch milliseconds. After this time, none of its requests can be on its way any more. */
  readonly expires: number;
}

/** The version of the message's format. */
const VERSION = 1;

/** Identifies flagops as the tagger, so that no configuration of the user is needed. */
const TAGGER = 'flagops <flagops@localhost>';

/**
 * Encodes an attempt as an annotated tag of its commit. One tag serves all scopes of a process.
 * @param random the name of the tag
 * @param now epoch milliseconds
 */
export function encodeAttempt(content: AttemptContent, random: string, now: number): string {
  const { commit, filter, shard, expires } = content;
  const message = JSON.stringify({
    version: VERSION,
    commit,
    filter: { flags: filter.flags, contexts: filter.contexts },
    shard: shard === undefined ? null : `${shard.index}/${shard.count}`,
    expires: new Date(expires).toISOString(),
  });
  const tagger = `${TAGGER} ${Math.floor(now / 1000)} +0000`;
  return `object ${commit}\ntype commit\ntag attempt-${random}\ntagger ${tagger}\n\n${message}\n`;
}

/**
 * Decodes an attempt.
 * @param tag the content of the tag object
 * @returns why the tag is not an attempt that this version can read, if it is none
 */
export function decodeAttempt(tag: string): AttemptContent | { readonly fault: string } {
  const end = tag.indexOf('\n\n');
  const [, object] = /^object ([0-9a-f]+)\ntype commit\n/.exec(tag) ?? [];
  if (end < 0 || object === undefined) return { fault: 'is not an annotated tag of a commit' };
  let message: unknown;
  try {
    message = JSON.parse(tag.slice(end + 2));
  } catch {
    return { fault: 'has a message that is not JSON' };
  }
  if (!isRecord(message)) return { fault: 'has a message that is not an object' };
  const { version, commit, filter, shard, expires } = message;
  if (version !== VERSION) {
    return {
      fault: `has version ${JSON.stringify(version) ?? 'none'}, and this flagops reads version ${VERSION}`,
    };
  }
  const parsed = {
    filter: decodeFilter(filter),
    shard: shard === null ? null : typeof shard === 'string' ? parseShard(shard) : undefined,
    expires: typeof expires === 'string' ? Date.parse(expires) : Number.NaN,
  };
  if (commit !== object) return { fault: 'names another commit than the tag' };
  if (parsed.filter === undefined) return { fault: 'has no valid filter' };
  if (parsed.shard === undefined) return { fault: 'has no valid shard' };
  if (Number.isNaN(parsed.expires)) return { fault: 'has no valid expiry' };
  return {
    commit: object,
    filter: parsed.filter,
    shard: parsed.shard ?? undefined,
    expires: parsed.expires,
  };
}

function decodeFilter(value: unknown): ChangeFilter | undefined {
  if (!isRecord(value)) return undefined;
  const { flags, contexts } = value;
  if (!isTexts(flags) || !isTexts(contexts)) return undefined;
  const filter = { flags, contexts };
  try {
    checkFilter(filter);
    return filter;
  } catch (error) {
    if (error instanceof OperatorError) return undefined;
    throw error;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
