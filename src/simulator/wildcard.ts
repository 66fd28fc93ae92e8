import { ANY, characterWidth, literalStep, matchSteps } from '../glob/steps.js';

/** Returns a function that tests whether a whole text matches the pattern, where `*` matches any characters. */
export function wildcard(pattern: string): (text: string) => boolean {
  const steps = pattern.split(/(\*)/).map((part) => (part === '*' ? ANY : literalStep(part)));
  return (text) => matchSteps(steps, text, characterWidth);
}
