import { auditRoutes } from './audit-log.js';
import { flagRoutes } from './flags.js';
import { identityRoutes } from './identity.js';
import { projectRoutes } from './projects.js';
import type { Route } from './route.js';
import { settingRoutes } from './settings.js';

/** Every simulated operation of the REST API. */
export const routes: readonly Route[] = [
  ...settingRoutes,
  ...flagRoutes,
  ...auditRoutes,
  ...projectRoutes,
  ...identityRoutes,
];
