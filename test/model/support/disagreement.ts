/** The ways in which the program and the model can disagree. */
export const DISAGREEMENTS = [
  'override lost',
  'untrue outcome',
  'exit code',
  'plan',
  'guards',
  'recorded',
  'live',
  'crash',
] as const;

export type DisagreementKind = (typeof DISAGREEMENTS)[number];

/** The program did something other than the model says it promises. */
export class Disagreement extends Error {
  readonly kind: DisagreementKind;

  constructor(kind: DisagreementKind, message: string) {
    super(`${kind}: ${message}`);
    this.kind = kind;
  }
}

/** @throws Disagreement if the two differ */
export function agree(kind: DisagreementKind, what: string, program: unknown, model: unknown): void {
  const [is, ought] = [JSON.stringify(program), JSON.stringify(model)];
  if (is !== ought) throw new Disagreement(kind, `${what}\n  program: ${is}\n  model:   ${ought}`);
}
