/** The options of `init`. */
export interface InitAnswers {
  readonly project: string;
  readonly environment: string;
}

/** The configuration and a first declaration, as pairs of a path from the repository's root and its text. */
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
  return `# What this repository manages in LaunchDarkly, and how.
version: 1
scopes:
  - project: ${project}
    environment: ${environment}
    files: [overrides/${environment}/**] # only these files may declare for it; let CODEOWNERS say who reviews them
    prune: owned # only removes overrides that were once declared in this repository
    protect:
      flags: [] # globs of flags that flagops never changes, not even with --force
`;
}

function declaration(project: string, environment: string): string {
  return `# Who gets which variation. Run flagops plan to see what a change would do.
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
