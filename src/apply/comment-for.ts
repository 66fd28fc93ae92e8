import type { Config } from '../config/config.js';
import { renderComment } from './audit-comment.js';
import type { Change } from '../reconcile/plan.js';

/** The message that a change leaves in LaunchDarkly's audit log. */
export function commentFor(change: Change, { template, maxLength }: Config['comment']): string {
  return renderComment(template, { provenance: change.provenance, reason: change.reason }, maxLength);
}
