import { driftText } from '../drift-text.js';
import type { Renderer } from '../formats.js';
import { planText } from '../plan-text.js';
import { resultText } from '../result-text.js';

/** For people, on a terminal or in a log. */
export const text: Renderer = { plan: planText, drift: driftText, result: resultText };
