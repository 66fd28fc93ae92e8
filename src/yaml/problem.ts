/** Something in a file that is refused, with character offsets instead of lines and columns. */
export interface Problem {
  readonly code: string;
  readonly offset: number;
  readonly message: string;
  readonly hint?: string | undefined;
  /** Offset of the other place that the message ends with. */
  readonly first?: number;
}
