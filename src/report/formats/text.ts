import { driftText } from '../drift-text.js';
import type { Renderer } from './renderer.js';
import { nextStep } from '../next-step.js';
import { planText } from '../plan-text.js';
import { resultText } from '../result-text.js';
import { wrapWords } from '../text-options.js';

/** Plain text for a terminal or a log. */
export const text: Renderer = {
  plan: (plan, view) => {
    const next = nextStep(plan, view.configPath);
    const line = next === undefined ? '' : `${wrapWords(`Next: ${next}.`, '  ', view)}\n`;
    return `${planText(plan, view)}${line}`;
  },
  drift: driftText,
  result: resultText,
};
