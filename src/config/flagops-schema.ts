/* Generated from schemas/flagops.schema.json by npm run generate. */

/**
 * a glob inside the folder of this file, with / between folders
 */
export type PathGlob = string
/**
 * globs for the flags to include
 */
export type Globs = string[]
/**
 * globs for the flags to exclude
 */
export type Globs1 = string[]
/**
 * globs for flags
 */
export type Globs2 = string[]

/**
 * The configuration of flagops: flagops.yaml.
 */
export interface Flagops {
/**
 * the version of this file format
 */
version: 1
/**
 * A name that distinguishes several configurations in one repository.
 */
name?: string
/**
 * globs for the declarations, relative to this file; a glob that starts with ! excludes files
 * 
 * @minItems 1
 */
declarations?: [PathGlob, ...(PathGlob)[]]
/**
 * the URL of LaunchDarkly's API; a host other than LaunchDarkly's own three must also be given with --base-url or LAUNCHDARKLY_BASE_URL
 */
baseUrl?: string
/**
 * the endpoint for the context kind user: users (deprecated by LaunchDarkly), contexts (its successor), or auto (users for as long as LaunchDarkly serves it, then contexts)
 */
api?: ("auto" | "users" | "contexts")
/**
 * how changes are sent: put (one request per change), batch (one semantic patch per flag, environment and commit), or auto (a PUT if a commit changes a single override of a flag, otherwise a patch)
 */
writes?: ("put" | "batch" | "auto")
/**
 * Settings for patches, which are sent with writes: batch and auto.
 */
batch?: {
/**
 * the maximum number of context keys in one patch; an update counts twice. LaunchDarkly documents a limit of 1,500 for segments, and none for flags
 */
values?: number
/**
 * whether to send a patch even if it makes a pending scheduled change or approval request fail
 */
ignoreConflicts?: boolean
}
/**
 * The comment that each change gets in LaunchDarkly's audit log.
 */
comment?: {
/**
 * text with any of the placeholders {subject} {sha} {author} {date} {reason}
 */
template?: string
/**
 * the maximum number of characters in a comment
 */
maxLength?: number
}
/**
 * How fast requests are sent.
 */
rate?: {
/**
 * the maximum number of concurrent requests
 */
concurrency?: number
/**
 * a limit on writes per second in addition to LaunchDarkly's own; null for none
 */
writesPerSecond?: (number | null)
/**
 * the share of every rate limit that is left to other clients
 */
reserve?: string
}
/**
 * How long a request and a run may take.
 */
timeouts?: {
/**
 * the time limit for one attempt of a request
 */
attempt?: string
/**
 * the time limit for a whole run
 */
run?: string
}
/**
 * fingerprints of reviewed plans; for these plans, guards are lifted as with --force
 * 
 * Items: the fingerprint of a plan, 64 hexadecimal digits
 */
accept?: string[]
/**
 * The projects and environments that this repository manages. If present, a declaration for any other scope is an error.
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
 * globs for the only files that may declare overrides for this scope, relative to this file; a glob that starts with ! excludes files; if absent, any declaration may
 * 
 * @minItems 1
 */
files?: [PathGlob, ...(PathGlob)[]]
/**
 * which undeclared live overrides are removed: never (none), owned (those that flagops manages), contexts (also all others of declared contexts), or environment (all)
 */
prune?: ("never" | "owned" | "contexts" | "environment")
/**
 * what may be done with declared overrides, unless they, their group or their file have their own manage: full (set, update and remove them), create (set one only if there is none, and never change another value), keep (set and update them, but never remove them), or none (leave them alone)
 */
manage?: ("full" | "create" | "keep" | "none")
/**
 * what to do about overrides that were changed elsewhere: repair (set them back) or report
 */
drift?: ("repair" | "report")
/**
 * what to do about changes that require approval in LaunchDarkly: report (end with exit code 5) or request (also create an approval request)
 */
approvals?: ("report" | "request")
/**
 * Who is asked to review approval requests, at most ten members and teams.
 */
notify?: {
/**
 * ids of members
 */
members?: string[]
/**
 * keys of teams
 */
teams?: string[]
}
/**
 * what ends an override at its expires date: git (the next apply removes it) or launchdarkly (the date is also set in LaunchDarkly, which removes it at that time)
 */
expiry?: ("git" | "launchdarkly")
/**
 * the reason why this scope is planned but not applied
 */
paused?: string
/**
 * The flags that this repository may change.
 */
flags?: {
include?: Globs
exclude?: Globs1
}
/**
 * What must never be changed, not even with --force.
 */
protect?: {
flags?: Globs2
/**
 * globs such as user:ceo@*; the first colon separates kind and key
 * 
 * Items: a glob such as user:ceo@*; the first colon separates kind and key
 */
contexts?: string[]
}
/**
 * How much one apply may change without --force.
 */
limits?: {
/**
 * the maximum share of the managed live overrides that may be updated
 */
updates?: string
/**
 * the maximum share of the managed live overrides that may be removed
 */
removals?: string
/**
 * updates and removals apply only if at least this many managed overrides are live
 */
floor?: number
/**
 * the maximum number of changes; null for no limit
 */
changes?: (number | null)
}
/**
 * Rules for the declarations of this scope. validate and plan fail if a declaration breaks one.
 */
policies?: {
/**
 * what every override must have, in itself, its group or its file
 */
require?: ("owner" | "reason" | "expires")[]
/**
 * how far ahead of today a date may be, in days such as 90d; an override without a date is then an error; null for no limit
 */
maxLifetime?: (string | null)
/**
 * the maximum number of overrides for one context; null for no limit
 */
maxPerContext?: (number | null)
/**
 * the maximum number of overrides for one flag; null for no limit
 */
maxPerFlag?: (number | null)
}
}
