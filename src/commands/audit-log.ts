import { auditComment } from '../apply/audit-comment.js';
import type { FlagReader } from '../launchdarkly/client.js';
import { consultAuditLog } from '../planning/audit-trail.js';
import type { Prepared } from '../planning/prepare.js';
import type { Plan } from '../reconcile/plan.js';

/** A plan that was made from `prepared`, with what the audit log says about drift. */
export function withAuditLog(
  plan: Plan,
  { declared, past, client, plannedAt }: Prepared<FlagReader>,
): Promise<Plan> {
  const { comment } = declared.config;
  const about = {
    reader: client,
    git: past.git?.limited.git,
    commentOf: (change: Plan['changes'][number]) => auditComment(change, comment),
  };
  return consultAuditLog(plan, about, plannedAt);
}
