import type { Renderer } from './renderer.js';
import { planJson } from '../plan-json.js';
import { resultJson } from '../result-json.js';

/** JSON for programs: see `schemas/plan.schema.json`. */
export const json: Renderer = { plan: planJson, drift: planJson, result: resultJson };
