import { approvalRoutes } from './approvals.js';
import { auditRoutes } from './audit-log.js';
import { createRoutes } from './create-flag.js';
import { deleteRoutes } from './delete-flag.js';
import { expiringRoutes } from './expiring-targets.js';
import { expiringUserRoutes } from './expiring-user-targets.js';
import { flagRoutes } from './flags.js';
import { identityRoutes } from './identity.js';
import { memberRoutes } from './members.js';
import { patchRoutes } from './patch-flag.js';
import { projectRoutes } from './projects.js';
import type { Route } from './route.js';
import { settingRoutes } from './flag-settings.js';
import { environmentRoutes } from './write-environments.js';
import { projectWriteRoutes } from './write-projects.js';

/** Every simulated operation of the REST API. */
export const routes: readonly Route[] = [
  ...settingRoutes,
  ...flagRoutes,
  ...createRoutes,
  ...patchRoutes,
  ...deleteRoutes,
  ...expiringRoutes,
  ...expiringUserRoutes,
  ...approvalRoutes,
  ...auditRoutes,
  ...projectRoutes,
  ...projectWriteRoutes,
  ...environmentRoutes,
  ...identityRoutes,
  ...memberRoutes,
];
