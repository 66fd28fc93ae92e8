import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.js';
import { globFault } from '../glob/glob.js';
import type { GlobKind } from '../glob/parse.js';
import type { ScopePolicy } from '../reconcile/policy.js';
import type { YamlFile } from '../yaml/read.js';
import { suspicionOf } from '../text/suspicious.js';
import { checkedParser } from '../yaml/checked-parser.js';
import type { SourceText } from '../yaml/source.js';
import { positionOf } from '../yaml/position.js';
import { type Config, DEFAULT_CONFIG, DEFAULT_POLICY } from './config.js';
import type { Flagops } from './flagops-schema.js';
import { validate } from './flagops-validator.mjs';
import { parseDays, parseDuration, parsePercent } from './units.js';

type ScopeFile = NonNullable<Flagops['scopes']>[number];

/** A parsed configuration; `config` is absent if a diagnostic is an error. */
export interface ParsedConfig {
  readonly config?: Config;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses a configuration and fills in the defaults. */
export const parseConfig: (source: SourceText) => ParsedConfig = checkedParser<Flagops, ParsedConfig>(
  validate,
  ({ yaml, content }) => {
    const scopes = content.scopes ?? [];
    const diagnostics = [
      ...globProblems(content, yaml),
      ...repeatedScopes(scopes, yaml),
      ...tooManyReviewers(scopes, yaml),
    ];
    return hasErrors(diagnostics) ? { diagnostics } : { config: normalize(content, yaml), diagnostics };
  },
);

function normalize(file: Flagops, yaml: YamlFile): Config {
  const base = DEFAULT_CONFIG;
  return {
    name: file.name ?? base.name,
    declarations: file.declarations ?? base.declarations,
    baseUrl:
      file.baseUrl === undefined ? undefined : { value: file.baseUrl, at: positionOf(yaml, ['baseUrl']) },
    api: file.api ?? base.api,
    writes: file.writes ?? base.writes,
    batch: { ...base.batch, ...file.batch },
    comment: { ...base.comment, ...file.comment },
    rate: {
      concurrency: file.rate?.concurrency ?? base.rate.concurrency,
      writesPerSecond: file.rate?.writesPerSecond ?? base.rate.writesPerSecond,
      reserve: file.rate?.reserve === undefined ? base.rate.reserve : parsePercent(file.rate.reserve),
    },
    timeouts: {
      attempt:
        file.timeouts?.attempt === undefined ? base.timeouts.attempt : parseDuration(file.timeouts.attempt),
      run: file.timeouts?.run === undefined ? base.timeouts.run : parseDuration(file.timeouts.run),
    },
    accept: file.accept ?? base.accept,
    scopes: file.scopes?.map((scope) => ({
      project: scope.project,
      environment: scope.environment,
      policy: normalizePolicy(scope),
    })),
  };
}

function normalizePolicy(scope: ScopeFile): ScopePolicy {
  const base = DEFAULT_POLICY;
  const { limits, policies } = scope;
  const { maxLifetime = null } = policies ?? {};
  return {
    files: scope.files,
    prune: scope.prune ?? base.prune,
    manage: scope.manage ?? base.manage,
    drift: scope.drift ?? base.drift,
    approvals: scope.approvals ?? base.approvals,
    notify: { ...base.notify, ...scope.notify },
    expiry: scope.expiry ?? base.expiry,
    paused: scope.paused,
    flags: {
      include: scope.flags?.include ?? base.flags.include,
      exclude: scope.flags?.exclude ?? base.flags.exclude,
    },
    protect: {
      flags: scope.protect?.flags ?? base.protect.flags,
      contexts: scope.protect?.contexts ?? base.protect.contexts,
    },
    limits: {
      updates: limits?.updates === undefined ? base.limits.updates : parsePercent(limits.updates),
      removals: limits?.removals === undefined ? base.limits.removals : parsePercent(limits.removals),
      floor: limits?.floor ?? base.limits.floor,
      changes: limits?.changes ?? base.limits.changes,
    },
    policies: {
      require: policies?.require ?? base.policies.require,
      maxLifetime: maxLifetime === null ? base.policies.maxLifetime : parseDays(maxLifetime),
      maxPerContext: policies?.maxPerContext ?? base.policies.maxPerContext,
      maxPerFlag: policies?.maxPerFlag ?? base.policies.maxPerFlag,
    },
  };
}

function globProblems(file: Flagops, yaml: YamlFile): Diagnostic[] {
  const inList = (
    globs: readonly string[] = [],
    kind: GlobKind | 'context',
    ...path: readonly string[]
  ): Diagnostic[] =>
    globs.flatMap((glob, index) => {
      const at = positionOf(yaml, [...path, String(index)]);
      const fault = globFault(glob, kind);
      if (fault === undefined) return kind === 'path' ? [] : suspiciousGlob(glob, at);
      const { message, hint } = fault;
      return [{ severity: 'error', code: 'bad-glob', message, ...(hint === undefined ? {} : { hint }), at }];
    });
  const inScope = ({ files, flags, protect }: ScopeFile, index: number): Diagnostic[] => {
    const scope = ['scopes', String(index)];
    return [
      ...inList(files, 'path', ...scope, 'files'),
      ...inList(flags?.include, 'key', ...scope, 'flags', 'include'),
      ...inList(flags?.exclude, 'key', ...scope, 'flags', 'exclude'),
      ...inList(protect?.flags, 'key', ...scope, 'protect', 'flags'),
      ...inList(protect?.contexts, 'context', ...scope, 'protect', 'contexts'),
    ];
  };
  return [...inList(file.declarations, 'path', 'declarations'), ...(file.scopes ?? []).flatMap(inScope)];
}

/** A warning for a glob that probably matches other keys than it seems to, so that it protects or excludes nothing. */
function suspiciousGlob(glob: string, at: Diagnostic['at']): Diagnostic[] {
  const suspicion = suspicionOf(glob.slice(glob.indexOf(':') + 1)) ?? suspicionOf(glob);
  if (suspicion === undefined) return [];
  const message = `the glob ${JSON.stringify(glob)} ${suspicion}`;
  const hint = 'type it again, unless it is meant for keys that are exactly the same';
  return [{ severity: 'warning', code: 'suspicious-key', message, hint, at }];
}

function repeatedScopes(scopes: readonly ScopeFile[], yaml: YamlFile): Diagnostic[] {
  const first = new Map<string, number>();
  return scopes.flatMap((scope, index) => {
    const name = `${scope.project}/${scope.environment}`;
    const earlier = first.get(name);
    first.set(name, earlier ?? index);
    if (earlier === undefined) return [];
    const line = positionOf(yaml, ['scopes', String(earlier)]).line;
    return {
      severity: 'error' as const,
      code: 'repeated-scope',
      message: `the scope ${name} is listed twice, first at line ${line}`,
      hint: 'merge the two entries',
      at: positionOf(yaml, ['scopes', String(index)]),
    };
  });
}

/** The most members and teams that LaunchDarkly lets an approval request notify. */
const MAX_REVIEWERS = 10;

function tooManyReviewers(scopes: readonly ScopeFile[], yaml: YamlFile): Diagnostic[] {
  return scopes.flatMap(({ notify: { members = [], teams = [] } = {} }, index) => {
    const count = members.length + teams.length;
    if (count <= MAX_REVIEWERS) return [];
    return {
      severity: 'error' as const,
      code: 'too-many-reviewers',
      message: `notify names ${count} members and teams; LaunchDarkly allows ${MAX_REVIEWERS}`,
      hint: 'use a team for several members',
      at: positionOf(yaml, ['scopes', String(index), 'notify']),
    };
  });
}
