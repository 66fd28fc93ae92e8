/** What `init` asks to be written. */
export interface InitAnswers {
  readonly project: string;
  readonly environment: string;
}

/** The configuration and the first declaration of a repository: path from its root, and text. */
export function initConfiguration({
  project,
  environment,
}: InitAnswers): readonly (readonly [path: string, text: string])[] {
  return [
    ['flagops.yaml', configuration(project, environment)],
    [`overrides/${environment}/first.yaml`, declaration(project, environment)],
  ];
}

export const WORKFLOW_PATH = '.github/workflows/flag-overrides.yml';

function configuration(project: string, environment: string): string {
  return `# What this repository may touch, and how.
version: 1
scopes:
  - project: ${project}
    environment: ${environment}
    prune: owned # removes only what was declared here once
    protect:
      flags: [] # globs of flags that are never touched from here, not even with --force
`;
}

function declaration(project: string, environment: string): string {
  return `# Who gets which variation. flagops plan shows what a change here would do.
project: ${project}
environment: ${environment}
# owner: team-checkout
# reason: Checkout v2 beta
# expires: '2099-12-31'
users: {}
#  alice@example.com:
#    checkout-v2: true
`;
}

/** The workflow, for GitHub. The same as in examples/storefront. */
export const WORKFLOW = `name: Flag overrides

on:
  pull_request:
    paths: [overrides/**, flagops.yaml, .github/workflows/flag-overrides.yml]
  merge_group:
  # Every push, whatever it changes: an apply makes LaunchDarkly match the newest commit and leaves older ones to it.
  push:
    branches: [main]
  schedule:
    - cron: '17 5 * * *'
  workflow_dispatch:

permissions: {}

jobs:
  # Says in the pull request what its merge would do. Its token can only read.
  plan:
    if: github.event_name == 'pull_request' || github.event_name == 'merge_group'
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    concurrency:
      group: flag-overrides-plan-\${{ github.event.pull_request.number || github.ref }}
      cancel-in-progress: true
    permissions:
      contents: read
      pull-requests: write # the comment
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
        with:
          fetch-depth: 0 # whose an override is stands in the history
          persist-credentials: false
      - uses: flagops/flagops@0000000000000000000000000000000000000000 # put the commit of the newest release here
        with:
          access-token: \${{ secrets.LAUNCHDARKLY_READER_TOKEN }}

  # Makes LaunchDarkly match the branch. One at a time, and never stopped half-way; of those that wait GitHub keeps one,
  # and the newest is enough.
  apply:
    if: (github.event_name == 'push' || github.event_name == 'workflow_dispatch') && github.ref == 'refs/heads/main'
    runs-on: ubuntu-24.04
    timeout-minutes: 90
    # Let this environment be used by main alone: its LAUNCHDARKLY_WRITER_TOKEN can write.
    environment: launchdarkly
    concurrency:
      group: flag-overrides-apply
      cancel-in-progress: false
    permissions:
      contents: write # records under refs/flagops what was applied
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
        with:
          fetch-depth: 0
          persist-credentials: false
      - uses: flagops/flagops@0000000000000000000000000000000000000000 # put the commit of the newest release here
        with:
          command: apply
          access-token: \${{ secrets.LAUNCHDARKLY_WRITER_TOKEN }}

  # Keeps one issue open for as long as LaunchDarkly is not what was last applied.
  drift:
    if: github.event_name == 'schedule'
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    concurrency:
      group: flag-overrides-drift
      cancel-in-progress: true
    permissions:
      contents: read
      issues: write # the issue
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
        with:
          fetch-depth: 0
          persist-credentials: false
      - uses: flagops/flagops@0000000000000000000000000000000000000000 # put the commit of the newest release here
        with:
          access-token: \${{ secrets.LAUNCHDARKLY_READER_TOKEN }}
`;
