/**
 * The exit codes of the commands and the Action. If several apply: 1 if something is wrong and nothing was written;
 * after the first write 130 or 3; then 4, 5, 2, 0.
 */
export const EXIT = {
  done: 0,
  failed: 1,
  differences: 2,
  incomplete: 3,
  refused: 4,
  approvalRequired: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each code means, in the words of the help and README.md. */
export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'done; no difference, or differences shown',
  1: 'declarations, configuration or API failed before anything was written',
  2: 'differences exist (drift, plan --detailed-exitcode)',
  3: 'something was written, and something failed, was skipped or does not read back',
  4: 'a guard refused',
  5: 'some changes need approval in LaunchDarkly',
  130: 'interrupted',
};
