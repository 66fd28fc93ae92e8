/** Why a declaration can be deleted, in the order in which the commits are made. */
export const TIDY_REASONS = ['expired', 'no-effect', 'archived'] as const;

export type TidyReason = (typeof TIDY_REASONS)[number];
