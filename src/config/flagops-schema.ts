/* Generated from schemas/flagops.schema.json by npm run generate. */

/**
 * a list of globs
 */
export type Globs = string[]
/**
 * a list of globs
 */
export type Globs1 = string[]
/**
 * a list of globs
 */
export type Globs2 = string[]

/**
 * The configuration of flagops, flagops.yaml.
 */
export interface Flagops {
/**
 * the version of this format: 1
 */
version: 1
/**
 * Tells two configurations of one repository apart.
 */
name?: string
/**
 * globs of the declarations, relative to this file; one that starts with ! takes files out again
 * 
 * @minItems 1
 * 
 * Items: a glob within the folder of this file, with / between folders
 */
declarations?: [string, ...(string)[]]
/**
 * where LaunchDarkly's API is; any host but LaunchDarkly's own three must also be given with --base-url or LAUNCHDARKLY_BASE_URL
 */
baseUrl?: string
/**
 * the endpoint for the kind user: users (deprecated at LaunchDarkly), contexts (its successor), or auto (users while LaunchDarkly serves it, then contexts)
 */
api?: ("auto" | "users" | "contexts")
/**
 * put: one request a change; batch: one semantic patch a flag, environment and commit; auto: a PUT where a commit changes one override of a flag, else a patch
 */
writes?: ("put" | "batch" | "auto")
/**
 * How patches are made, for writes: batch and auto.
 */
batch?: {
/**
 * the most context keys in one patch; an update counts twice
 */
values?: number
/**
 * whether a patch goes through although a pending scheduled change or approval request would then fail
 */
ignoreConflicts?: boolean
}
/**
 * The comment of each change in LaunchDarkly's audit log.
 */
comment?: {
/**
 * text with the placeholders {subject} {sha} {author} {date} {reason}
 */
template?: string
/**
 * characters
 */
maxLength?: number
}
rate?: {
/**
 * requests at a time
 */
concurrency?: number
/**
 * a ceiling beside LaunchDarkly's own; null for none
 */
writesPerSecond?: (number | null)
/**
 * a share such as 30%
 */
reserve?: string
}
timeouts?: {
/**
 * a duration such as 500ms, 30s, 60m or 2h
 */
attempt?: string
/**
 * a duration such as 500ms, 30s, 60m or 2h
 */
run?: string
}
/**
 * fingerprints of plans for which guards are lifted as --force lifts them, once such a plan was reviewed
 * 
 * Items: the fingerprint of a plan, 64 hexadecimal digits
 */
accept?: string[]
/**
 * The projects and environments that this repository may touch; where it is present, a declaration outside all of them is an error.
 */
scopes?: Scope[]
}
export interface Scope {
/**
 * a project's key
 */
project: string
/**
 * an environment's key
 */
environment: string
/**
 * which live overrides that are not declared are removed: never, owned, contexts or environment
 */
prune?: ("never" | "owned" | "contexts" | "environment")
/**
 * what happens to overrides that were changed elsewhere: repair or report
 */
drift?: ("repair" | "report")
/**
 * why this scope is planned and not applied
 */
paused?: string
/**
 * The flags that may be touched.
 */
flags?: {
include?: Globs
exclude?: Globs1
}
/**
 * What must never be touched, not even with --force.
 */
protect?: {
flags?: Globs2
/**
 * globs such as user:ceo@*, kind and key apart at the first colon
 * 
 * Items: a glob such as user:ceo@*, kind and key apart at the first colon
 */
contexts?: string[]
}
/**
 * How much one apply may change without --force.
 */
limits?: {
/**
 * a share such as 30%
 */
updates?: string
/**
 * a share such as 30%
 */
removals?: string
/**
 * the shares count where at least so many overrides are live
 */
floor?: number
/**
 * the most changes at a time; null for no limit
 */
changes?: (number | null)
}
}
