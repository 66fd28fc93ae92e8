import { ANY, characterWidth, literalStep, matchSteps } from '../glob/steps.js';

/** Whether a whole text is what a pattern means, in which `*` stands for any characters. */
export function wildcard(pattern: string): (text: string) => boolean {
  const steps = pattern.split(/(\*)/).map((part) => (part === '*' ? ANY : literalStep(part)));
  return (text) => matchSteps(steps, text, characterWidth);
}
