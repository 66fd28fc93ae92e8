/** A scope for the configuration that `init` writes. */
export interface ScaffoldScope {
  readonly project: string;
  readonly environment: string;
  /** Globs of the files that may declare for it; undefined for any. */
  readonly files: readonly string[] | undefined;
}

export const WORKFLOW_PATH = '.github/workflows/flag-overrides.yml';

/** For editors: the schema that a file is checked against and completed from. */
function schemaComment(name: 'flagops' | 'overrides'): string {
  return `# yaml-language-server: $schema=https://flagops.dev/schemas/${name}.schema.json`;
}

/** The text of a configuration. Without scopes, it allows every scope. */
export function configurationText(scopes: readonly ScaffoldScope[]): string {
  const start = `${schemaComment('flagops')}
# What this repository manages in LaunchDarkly, and how.
version: 1
`;
  return scopes.length === 0 ? start : `${start}scopes:\n${scopes.map(scopeText).join('')}`;
}

function scopeText({ project, environment, files }: ScaffoldScope): string {
  const allowed =
    files === undefined
      ? ''
      : `    files: [${files.join(', ')}] # only these files may declare for it; let CODEOWNERS say who reviews them
`;
  return `  - project: ${quoted(project)}
    environment: ${quoted(environment)}
${allowed}    prune: owned # only removes overrides that were once declared in this repository
    protect:
      flags: [] # globs of flags that flagops never changes, not even with --force
`;
}

/** The path of the first declaration for a scope. */
export function firstPath(environment: string): string {
  return `overrides/${environment}/first.yaml`;
}

/** A first declaration that declares nothing until its comments are enabled. */
export function firstDeclaration(project: string, environment: string): string {
  return `${schemaComment('overrides')}
# Who gets which variation. To begin, edit the lines below and remove their leading "# ". Then run flagops plan.
project: ${quoted(project)}
environment: ${quoted(environment)}
# owner: team-checkout
# reason: Checkout v2 beta
# expires: '2099-12-31'
# users:
#   alice@example.com:
#     checkout-v2: true
`;
}

/** A key, which is always text: `1` and `true` would be read as other types. */
function quoted(key: string): string {
  return /^(?:[\d.+-]|(?:true|false|null|yes|no|on|off|y|n|inf|nan)$)/i.test(key) ? `'${key}'` : key;
}

/** A branch that can be written in the workflow as it is: in a list, a pattern and a text in quotes. */
const PLAIN_BRANCH = /^[A-Za-z0-9][\w./-]*$/;

/** The GitHub workflow for a default branch; undefined if the branch's name has characters that need quotes. */
export function workflowFor(branch: string): string | undefined {
  if (!PLAIN_BRANCH.test(branch)) return undefined;
  return WORKFLOW.replace('branches: [main]', () => `branches: [${quoted(branch)}]`)
    .replace("'refs/heads/main'", () => `'refs/heads/${branch}'`)
    .replace('to the branch main:', () => `to the branch ${branch}:`);
}

/** The GitHub workflow, identical to the one in examples/storefront (a test compares them). */
export const WORKFLOW = `name: Flag overrides

on:
  pull_request:
    paths: [overrides/**, flagops.yaml, '**/.gitattributes', .github/workflows/flag-overrides.yml]
  merge_group:
  # Every push, whichever files it changes: an apply always makes LaunchDarkly match the newest commit of the branch, and
  # a run for an older commit changes nothing.
  push:
    branches: [main]
  schedule:
    - cron: '17 5 * * *'
  workflow_dispatch:

permissions: {}

jobs:
  # Shows in the pull request what merging it would change. Its token can only read.
  plan:
    if: github.event_name == 'pull_request' || github.event_name == 'merge_group'
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    concurrency:
      group: flag-overrides-plan-\${{ github.event.pull_request.number || github.ref }}
      cancel-in-progress: true
    permissions:
      contents: read
      pull-requests: write # to comment
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
        with:
          fetch-depth: 0 # flagops needs the history to know which overrides it owns
          persist-credentials: false
      - uses: flagops/flagops@0000000000000000000000000000000000000000 # replace with the commit of the newest release
        with:
          access-token: \${{ secrets.LAUNCHDARKLY_READER_TOKEN }}

  # Makes LaunchDarkly match the branch. Runs one at a time and is never cancelled. Of the runs that wait GitHub keeps
  # only the newest, which is enough.
  apply:
    if: (github.event_name == 'push' || github.event_name == 'workflow_dispatch') && github.ref == 'refs/heads/main'
    runs-on: ubuntu-24.04
    timeout-minutes: 90
    # Restrict this environment to the branch main: its secret LAUNCHDARKLY_WRITER_TOKEN can write.
    environment: launchdarkly
    concurrency:
      group: flag-overrides-apply
      cancel-in-progress: false
    permissions:
      contents: write # to record in refs/flagops what was applied
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
        with:
          fetch-depth: 0
          persist-credentials: false
      - uses: flagops/flagops@0000000000000000000000000000000000000000 # replace with the commit of the newest release
        with:
          command: apply
          access-token: \${{ secrets.LAUNCHDARKLY_WRITER_TOKEN }}

  # Keeps an issue open while LaunchDarkly differs from what was last applied.
  drift:
    if: github.event_name == 'schedule'
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    concurrency:
      group: flag-overrides-drift
      cancel-in-progress: true
    permissions:
      contents: read
      issues: write # to open and close the issue
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
        with:
          fetch-depth: 0
          persist-credentials: false
      - uses: flagops/flagops@0000000000000000000000000000000000000000 # replace with the commit of the newest release
        with:
          access-token: \${{ secrets.LAUNCHDARKLY_READER_TOKEN }}
`;
