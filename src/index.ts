/**
 * flagops as a library: the commands as functions that take options and an `Io` and return an exit code, the plan as
 * data, and the LaunchDarkly simulator for tests.
 */
export { version } from './version.js';
export { validate, type ValidateOptions } from './commands/validate.js';
export { plan } from './commands/plan.js';
export { apply } from './commands/apply.js';
export type { ApplyOptions, PlanningOptions, PlanOptions } from './planning/options.js';
export type { Format } from './report/formats.js';
export type { Io } from './terminal/io.js';
export { OperatorError } from './diagnostics/operator-error.js';
export type { DiagnosticCode, OperatorErrorCode } from './diagnostics/codes.js';
export type { Diagnostic, Position } from './diagnostics/diagnostic.js';
export type { Change, Plan, ScopeSummary } from './reconcile/plan.js';
export { defaultSeed } from './simulator/seed/default-seed.js';
export type { Seed } from './simulator/seed/seed.js';
export { Simulator, type SimulatorOptions, type Target } from './simulator/simulator.js';
