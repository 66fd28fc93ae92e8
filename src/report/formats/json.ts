import type { Renderer } from '../formats.js';
import { planJson } from '../plan-json.js';
import { resultJson } from '../result-json.js';

/** For programs: see `schemas/plan.schema.json`. */
export const json: Renderer = { plan: planJson, drift: planJson, result: resultJson };
