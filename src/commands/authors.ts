import { auditComment } from '../apply/audit-comment.js';
import type { FlagReader } from '../launchdarkly/client.js';
import { addAuthors } from '../planning/audit-trail.js';
import type { Prepared } from '../planning/prepare.js';
import type { Plan } from '../reconcile/plan.js';

/** A plan that was made from `prepared`, with who changed each drifted override. */
export function withAuthors(plan: Plan, { declared, past, client }: Prepared<FlagReader>): Promise<Plan> {
  const { comment } = declared.config;
  return addAuthors(plan, {
    reader: client,
    git: past.git?.limited.git,
    commentOf: (change) => auditComment(change, comment),
  });
}
