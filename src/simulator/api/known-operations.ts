/**
 * The operations of LaunchDarkly's REST API: the path below `/api/v2` with `*` for each parameter, then the methods. The
 * simulator answers those that it lacks with 501, and all other paths with 404.
 */
const TABLE = `
/ GET
/account/relay-auto-configs GET POST
/account/relay-auto-configs/* GET PATCH DELETE
/account/relay-auto-configs/*/reset POST
/announcements GET POST
/announcements/* PATCH DELETE
/applications GET
/applications/* GET PATCH DELETE
/applications/*/versions GET
/applications/*/versions/* PATCH DELETE
/approval-requests GET POST
/approval-requests/* GET PATCH DELETE
/approval-requests/*/apply POST
/approval-requests/*/reviews POST
/auditlog GET POST
/auditlog/* GET
/caller-identity GET
/code-refs/extinctions GET
/code-refs/repositories GET POST
/code-refs/repositories/* GET PATCH DELETE
/code-refs/repositories/*/branch-delete-tasks POST
/code-refs/repositories/*/branches GET
/code-refs/repositories/*/branches/* GET PUT
/code-refs/repositories/*/branches/*/extinction-events POST
/code-refs/statistics GET
/code-refs/statistics/* GET
/destinations GET
/destinations/*/* POST
/destinations/*/*/* GET PATCH DELETE
/destinations/generate-warehouse-destination-key-pair POST
/engineering-insights/charts/deployments/frequency GET
/engineering-insights/charts/flags/stale GET
/engineering-insights/charts/flags/status GET
/engineering-insights/charts/lead-time GET
/engineering-insights/charts/releases/frequency GET
/engineering-insights/deployment-events POST
/engineering-insights/deployments GET
/engineering-insights/deployments/* GET PATCH
/engineering-insights/flag-events GET
/engineering-insights/insights/group POST
/engineering-insights/insights/groups GET
/engineering-insights/insights/groups/* GET PATCH DELETE
/engineering-insights/insights/scores GET
/engineering-insights/pull-requests GET
/engineering-insights/repositories GET
/engineering-insights/repositories/*/projects/* DELETE
/engineering-insights/repositories/projects PUT
/flag-links/projects/*/flags/* GET POST
/flag-links/projects/*/flags/*/* PATCH DELETE
/flag-status/*/* GET
/flag-statuses/*/* GET
/flag-statuses/*/*/* GET
/flags/* GET POST
/flags/*/* GET PATCH DELETE
/flags/*/*/*/dependent-flags GET
/flags/*/*/copy POST
/flags/*/*/dependent-flags GET
/flags/*/*/expiring-targets/* GET PATCH
/flags/*/*/expiring-user-targets/* GET PATCH
/flags/*/*/release GET PATCH DELETE
/flags/*/*/triggers/* GET POST
/flags/*/*/triggers/*/* GET PATCH DELETE
/integration-capabilities/big-segment-store GET
/integration-capabilities/big-segment-store/*/*/* POST
/integration-capabilities/big-segment-store/*/*/*/* GET PATCH DELETE
/integration-capabilities/featureStore GET
/integration-capabilities/featureStore/*/* GET
/integration-capabilities/featureStore/*/*/* POST
/integration-capabilities/featureStore/*/*/*/* GET PATCH DELETE
/integration-capabilities/featureStore/*/*/*/*/validate POST
/integration-capabilities/flag-import GET
/integration-capabilities/flag-import/*/* POST
/integration-capabilities/flag-import/*/*/* GET PATCH DELETE
/integration-capabilities/flag-import/*/*/*/trigger POST
/integration-configurations/* GET PATCH DELETE
/integration-configurations/keys/* GET POST
/integrations/* GET POST
/integrations/*/* GET PATCH DELETE
/members GET POST PATCH
/members/* GET PATCH DELETE
/members/*/teams POST
/metrics/* GET POST
/metrics/*/* GET PATCH DELETE
/oauth/clients GET POST
/oauth/clients/* GET PATCH DELETE
/openapi.json GET
/projects GET POST
/projects/* GET PATCH DELETE
/projects/*/ai-configs GET POST
/projects/*/ai-configs/* GET PATCH DELETE
/projects/*/ai-configs/*/metrics GET
/projects/*/ai-configs/*/metrics-by-variation GET
/projects/*/ai-configs/*/variations POST
/projects/*/ai-configs/*/variations/* GET PATCH DELETE
/projects/*/ai-configs/model-configs GET POST
/projects/*/ai-configs/model-configs/* GET DELETE
/projects/*/context-kinds GET
/projects/*/context-kinds/* PUT
/projects/*/environments GET POST
/projects/*/environments/* GET PATCH DELETE
/projects/*/environments/*/apiKey POST
/projects/*/environments/*/context-attributes GET
/projects/*/environments/*/context-attributes/* GET
/projects/*/environments/*/context-instances/* GET DELETE
/projects/*/environments/*/context-instances/search POST
/projects/*/environments/*/contexts/*/* GET
/projects/*/environments/*/contexts/*/*/flags/* PUT
/projects/*/environments/*/contexts/search POST
/projects/*/environments/*/experiments GET POST
/projects/*/environments/*/experiments/* GET PATCH
/projects/*/environments/*/experiments/*/iterations POST
/projects/*/environments/*/experiments/*/metric-groups/*/results GET
/projects/*/environments/*/experiments/*/metrics/*/results GET
/projects/*/environments/*/flags/evaluate POST
/projects/*/environments/*/followers GET
/projects/*/environments/*/holdouts GET POST
/projects/*/environments/*/holdouts/* GET PATCH
/projects/*/environments/*/holdouts/id/* GET
/projects/*/environments/*/mobileKey POST
/projects/*/environments/*/segments/evaluate POST
/projects/*/experimentation-settings GET PUT
/projects/*/flag-defaults GET PUT PATCH
/projects/*/flags/*/environments/*/approval-requests GET POST
/projects/*/flags/*/environments/*/approval-requests-flag-copy POST
/projects/*/flags/*/environments/*/approval-requests/* GET PATCH DELETE
/projects/*/flags/*/environments/*/approval-requests/*/apply POST
/projects/*/flags/*/environments/*/approval-requests/*/reviews POST
/projects/*/flags/*/environments/*/followers GET
/projects/*/flags/*/environments/*/followers/* PUT DELETE
/projects/*/flags/*/environments/*/migration-safety-issues POST
/projects/*/flags/*/environments/*/scheduled-changes GET POST
/projects/*/flags/*/environments/*/scheduled-changes/* GET PATCH DELETE
/projects/*/flags/*/environments/*/workflows GET POST
/projects/*/flags/*/environments/*/workflows/* GET DELETE
/projects/*/flags/*/release PUT
/projects/*/flags/*/release/phases/* PUT
/projects/*/layers GET POST
/projects/*/layers/* PATCH
/projects/*/metric-groups GET POST
/projects/*/metric-groups/* GET PATCH DELETE
/projects/*/release-pipelines GET POST
/projects/*/release-pipelines/* GET PUT DELETE
/projects/*/release-pipelines/*/releases GET
/public-ip-list GET
/roles GET POST
/roles/* GET PATCH DELETE
/segments/*/* GET POST
/segments/*/*/* GET PATCH DELETE
/segments/*/*/*/contexts POST
/segments/*/*/*/contexts/* GET
/segments/*/*/*/exports POST
/segments/*/*/*/exports/* GET
/segments/*/*/*/imports POST
/segments/*/*/*/imports/* GET
/segments/*/*/*/users POST
/segments/*/*/*/users/* GET
/segments/*/*/expiring-targets/* GET PATCH
/segments/*/*/expiring-user-targets/* GET PATCH
/tags GET
/teams GET POST PATCH
/teams/* GET PATCH DELETE
/teams/*/maintainers GET
/teams/*/members POST
/teams/*/roles GET
/templates GET POST
/templates/* DELETE
/tokens GET POST
/tokens/* GET PATCH DELETE
/tokens/*/reset POST
/usage/data-export-events GET
/usage/evaluations/*/*/* GET
/usage/events/* GET
/usage/experimentation-keys GET
/usage/experimentation-units GET
/usage/mau GET
/usage/mau/bycategory GET
/usage/mau/sdks GET
/usage/service-connections GET
/usage/streams/* GET
/usage/streams/*/bysdkversion GET
/usage/streams/*/sdkversions GET
/user-attributes/*/* GET
/user-search/*/* GET
/users/*/* GET
/users/*/*/* GET DELETE
/users/*/*/*/flags GET
/users/*/*/*/flags/* GET PUT
/users/*/*/expiring-user-targets/* GET PATCH
/versions GET
/webhooks GET POST
/webhooks/* GET PATCH DELETE
`;

/** Each operation: its method and its path, with `*` for each parameter. */
export const KNOWN_OPERATIONS: readonly { readonly method: string; readonly path: string }[] = TABLE.trim()
  .split('\n')
  .flatMap((line) => {
    const [path = '', ...methods] = line.split(' ');
    return methods.map((method) => ({ method, path: `/api/v2${path === '/' ? '' : path}` }));
  });

const patterns = KNOWN_OPERATIONS.map(({ method, path }) => ({ method, segments: path.split('/') }));

/**
 * Whether LaunchDarkly has an operation, simulated or not.
 * @param path as it was sent, without the query
 */
export function isKnownOperation(method: string, path: string): boolean {
  const parts = path.split('/');
  return patterns.some(
    (pattern) =>
      pattern.method === method &&
      pattern.segments.length === parts.length &&
      pattern.segments.every(
        (segment, index) => segment === parts[index] || (segment === '*' && parts[index] !== ''),
      ),
  );
}
