/**
 * The exit codes of the commands and the Action. If several apply: 1 if something is wrong and nothing can have been
 * written; after the first write 130 or 3; then 4, 5, 2, 0.
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
  1: 'failed, and nothing can have been written',
  2: 'differences exist (plan --detailed-exitcode, drift)',
  3: 'something was or may have been written, and the work is incomplete, does not read back, could not be recorded, or was overtaken by a newer commit',
  4: 'a guard refused',
  5: 'approval is required for some changes',
  130: 'interrupted',
};
