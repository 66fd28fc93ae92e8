import type { Seed } from '../seed/seed.js';
import type { ApprovalRequest } from './approvals.js';
import { projectFromSeed, tokensFromSeed } from './from-seed.js';
import type { AuditEntry, Project, Token } from './model.js';
import { restoreEntry, restoreProject, type WorldSnapshot } from './snapshot.js';

/** What a world starts with. */
interface Contents {
  readonly projects: readonly Project[];
  readonly tokens: readonly Token[];
  readonly audit: readonly AuditEntry[];
  readonly approvals: readonly ApprovalRequest[];
}

function fromSeed(seed: Seed): Contents {
  return {
    projects: Object.entries(seed.projects).map(([key, project]) => projectFromSeed(key, project)),
    tokens: tokensFromSeed(seed),
    audit: [],
    approvals: [],
  };
}

function fromSnapshot(snapshot: WorldSnapshot): Contents {
  return {
    projects: snapshot.projects.map((project) => restoreProject(project)),
    // Earlier versions also saved the texts of tokens.
    tokens: snapshot.tokens.map(({ id, role, name, bypassApprovals = false, denied = [] }) => ({
      id,
      role,
      name,
      bypassApprovals,
      denied,
    })),
    audit: snapshot.audit.map((entry) => restoreEntry(entry)),
    approvals: snapshot.approvals ?? [],
  };
}

/** The contents of a seed, or of the snapshot of another world. */
export function contentsOf(from: Seed | WorldSnapshot): Contents {
  return 'format' in from ? fromSnapshot(from) : fromSeed(from);
}
