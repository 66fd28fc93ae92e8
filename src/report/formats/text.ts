import { driftText } from '../drift-text.js';
import type { Renderer } from './renderer.js';
import { planText } from '../plan-text.js';
import { resultText } from '../result-text.js';

/** Plain text for a terminal or a log. */
export const text: Renderer = { plan: planText, drift: driftText, result: resultText };
