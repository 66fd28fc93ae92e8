import { OperatorError } from '../../diagnostics/operator-error.js';
import type { OverrideId } from '../../reconcile/state.js';

/** A context that a command line names. */
export type ContextId = Pick<OverrideId, 'kind' | 'key'>;

/**
 * Parses a context: `organization:acme`, or just the key of a user.
 * @throws OperatorError `edit-argument`
 */
export function parseContext(text: string): ContextId {
  const colon = text.indexOf(':');
  const context =
    colon === -1 ? { kind: 'user', key: text } : { kind: text.slice(0, colon), key: text.slice(colon + 1) };
  if (context.key !== '' && /^[A-Za-z0-9._-]+$/.test(context.kind)) return context;
  throw new OperatorError('edit-argument', `${JSON.stringify(text)} is not a context`, {
    hint: 'write kind:key, for example organization:acme, or just the key of a user',
  });
}

/** A glob that matches exactly this context. */
export function exactContext({ kind, key }: ContextId): string {
  return `${kind}:${key.replaceAll(/[*?[\]{}(),!^\\-]/g, String.raw`\$&`)}`;
}
