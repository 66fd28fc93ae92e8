import type { ScopeId } from '../../reconcile/state.js';

/** All refs that flagops writes are below this one. */
export const REFS = 'refs/flagops';

const APPLIED = `${REFS}/applied`;
/** All attempts are below this one. */
export const ATTEMPTS = `${REFS}/attempts`;

/** How the last part of the ref of an attempt starts if the attempt was not pushed. */
const LOCAL = 'local-';

/**
 * Encodes any text as one part of a ref name that `git check-ref-format` accepts. Everything other than lower-case
 * letters, digits, `_`, `-` and dots between those is percent-encoded. Upper-case letters are encoded because some file
 * systems do not distinguish `A` from `a`.
 */
export function encodeRefPart(text: string): string {
  // A percent sign alone means empty text. In all other encoded text, two digits follow it.
  if (text === '') return '%';
  const encoded = Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/[^a-z0-9_.-]/g, percent)
    .replace(/(?<![a-z0-9_-])\.|\.(?![a-z0-9_-])/g, percent);
  // Git reserves the suffix `.lock`.
  return encoded.replace(/\.(?=lock$)/, percent);
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** Reverses `encodeRefPart`. */
export function decodeRefPart(part: string): string {
  if (part === '%') return '';
  const bytes = part.replace(/%([0-9a-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** The prefix, with a slash at the end, of all last-applied refs of one LaunchDarkly host. */
export function appliedPrefix(host: string): string {
  return `${APPLIED}/${encodeRefPart(host)}/`;
}

/** The prefix, with a slash at the end, of the last-applied refs of one configuration at one LaunchDarkly host. */
export function lastAppliedPrefix(host: string, name: string): string {
  return `${appliedPrefix(host)}${encodeRefPart(name)}/`;
}

/** The same for the refs of attempts. */
export function attemptsPrefix(host: string, name: string): string {
  return `${ATTEMPTS}/${encodeRefPart(host)}/${encodeRefPart(name)}/`;
}

/** The last-applied ref of a scope. */
export function lastAppliedRef(host: string, name: string, scope: ScopeId): string {
  return `${lastAppliedPrefix(host, name)}${scopePart(scope)}`;
}

/**
 * The ref of one attempt in a scope.
 * @param random makes it unique
 * @param isLocal whether the attempt exists only in this clone
 */
export function attemptRef(
  host: string,
  name: string,
  scope: ScopeId,
  random: string,
  isLocal: boolean,
): string {
  return `${attemptsPrefix(host, name)}${scopePart(scope)}/${isLocal ? LOCAL : ''}${random}`;
}

/** Whether the attempt in this ref exists only in this clone, because it was not pushed. */
export function isLocalAttempt(ref: string): boolean {
  return ref.slice(ref.lastIndexOf('/') + 1).startsWith(LOCAL);
}

/** Reads the scope from what follows the prefix in a ref: a project, an environment, and for attempts one more part. */
export function decodeScope(rest: string): ScopeId {
  const [project = '', environment = ''] = rest.split('/');
  return { project: decodeRefPart(project), environment: decodeRefPart(environment) };
}

function scopePart({ project, environment }: ScopeId): string {
  return `${encodeRefPart(project)}/${encodeRefPart(environment)}`;
}
