/** Mutants that no test can or should kill, with one reason for all of them. */
export interface Accepted {
  readonly why: string;
  /** The mutated lines, as `npm run mutate` prints them. */
  readonly mutants: readonly string[];
}

/** All mutants that are known to survive, by file. `npm run mutate` fails for any other, and for any that is killed. */
export const SURVIVORS: Readonly<Record<string, readonly Accepted[]>> = {
  'src/apply/apply.ts': [
    {
      why: 'An error while progress is shown is ignored, and without a listener nothing is shown.',
      mutants: [
        'options.onProgress({ done: outcomes.size + dateOutcomes.size, total, ...problems }, outcome);',
      ],
    },
    {
      why: 'Only saves time: without dates, nothing is looked up.',
      mutants: [
        '(false ? [] : changes).map((change) => [scopedKey(change, change), change]),',
        '(dates.length === 0 ? ["Stryker was here"] : changes).map((change) => [scopedKey(change, change), change]),',
      ],
    },
    {
      why: 'The check is there for the compiler: without it the result is the same. Every change and every date has an outcome.',
      mutants: [
        'outcomes: changes.flatMap((change) => outcomes.get(change) ?? ["Stryker was here"]),',
        'dates: dates.flatMap((date) => dateOutcomes.get(date) ?? ["Stryker was here"]),',
      ],
    },
  ],
  'src/apply/audit-comment.ts': [
    {
      why: 'Only saves time: shortening a text that the template does not contain changes nothing.',
      mutants: [
        'if (true) values = { ...values, [name]: shorten(values[name], Math.ceil(excess / times)) };',
        'if (times >= 0) values = { ...values, [name]: shorten(values[name], Math.ceil(excess / times)) };',
      ],
    },
    {
      why: 'The check is there for the compiler: without it the result is the same. A reason that is undefined is no reason.',
      mutants: ['const isShared = true && changes.every((change) => change.reason === reason);'],
    },
    {
      why: 'Not shown: the template that is used without a commit has only the subject and the reason.',
      mutants: [
        `: { subject: WITHOUT_COMMIT[provenance.type], sha: "Stryker was here!", author: '', date: '' };`,
        `: { subject: WITHOUT_COMMIT[provenance.type], sha: '', author: "Stryker was here!", date: '' };`,
        `: { subject: WITHOUT_COMMIT[provenance.type], sha: '', author: '', date: "Stryker was here!" };`,
      ],
    },
  ],
  'src/apply/dates.ts': [
    {
      why: 'The check is there for the compiler: without it the result is the same. Only steps with an instruction are sent.',
      mutants: [
        'const instructions = sent.flatMap(({ instruction }) => instruction ?? ["Stryker was here"]);',
      ],
    },
    {
      why: 'Cannot be reached, since every date has a result: the text is for a bug report.',
      mutants: [
        'if (found === undefined) throw new TypeError("");',
        "if (false) throw new TypeError('a date has no result');",
      ],
    },
    {
      why: 'The check is there for the compiler: without it the result is the same. The dates are looked up if any date is open.',
      mutants: ['result: { ...(false ? result : settled(change, result, found)), unanswered: true },'],
    },
  ],
  'src/apply/live-flag.ts': [
    {
      why: 'The check is there for the compiler: without it the result is the same. No list has an element at the index undefined.',
      mutants: ['return false ? undefined : flag.variations[index]?.id;'],
    },
  ],
  'src/apply/patch.ts': [
    {
      why: 'Cannot be reached, since every change has a result: the text is for a bug report.',
      mutants: [
        'if (found === undefined) throw new TypeError("");',
        "if (false) throw new TypeError('a change has no result');",
      ],
    },
    {
      why: 'The result is replaced: what is not live is planned again, and gets another result there or when it is sent.',
      mutants: ["this.#end(entries, this.#options.dryRun ? accepted() : applied('written'));"],
    },
  ],
  'src/apply/request-approvals.ts': [
    {
      why: 'The types allow no such list. The error that it causes ends only changes without a result, and here all have one.',
      mutants: ['return ["Stryker was here"];'],
    },
    {
      why: 'A change without a result keeps its outcome, whether undefined is stored for it or not.',
      mutants: ['if (true) for (const change of changes) this.results.set(change, result);'],
    },
    {
      why: 'The check is there for the compiler: without it the result is the same. Only scopes with reviewers get here.',
      mutants: [
        'notify: notify(target) ?? {},',
        'notify: notify(target) ?? { members: ["Stryker was here"], teams: [] },',
        'notify: notify(target) ?? { members: [], teams: ["Stryker was here"] },',
      ],
    },
    {
      why: 'The check is there for the compiler: without it the result is the same. An error that is no response has no status.',
      mutants: ["if (false) return failed('refused', message, { cause: error });"],
    },
  ],
  'src/apply/settle.ts': [
    {
      why: 'The check is there for the compiler: without it the result is the same. The flag is looked up if any outcome is open.',
      mutants: ['true && isOpen(one) ? resultAfterLookup(one, found) : withoutOtherWriter(one.result);'],
    },
    {
      why: 'The check is there for the compiler: without it the result is the same. No list has an element at the index undefined.',
      mutants: ['const value = false ? undefined : flag.variations[live]?.value;'],
    },
  ],
  'src/apply/verify.ts': [
    {
      why: 'Nothing is sent after reading back, so the extent of a result is not used.',
      mutants: ['const { ending } = resultWithFlag(change, { ending: outcome, extent: "" }, flag);'],
    },
  ],
  'src/reconcile/approvals.ts': [
    {
      why: 'The check is there for the compiler: without it the result is the same. A match has all three parts, and no match has none.',
      mutants: [
        'const [, name, commit, instructions] = MARKER.exec(description) ?? ["Stryker was here"];',
        'if ((name === undefined || commit === undefined) && instructions === undefined) return undefined;',
        'if (false || instructions === undefined) return undefined;',
        'if (name === undefined && commit === undefined || instructions === undefined) return undefined;',
        'if (false || commit === undefined || instructions === undefined) return undefined;',
        'if (name === undefined || false || instructions === undefined) return undefined;',
        'if (name === undefined || commit === undefined || false) return undefined;',
      ],
    },
    {
      why: 'Only saves time: without requests, nothing is found.',
      mutants: ['if (false) return covering;'],
    },
  ],
  'src/reconcile/attempted.ts': [
    {
      why: 'The check is there for the compiler: without it the result is the same. Only a resolution of type variation has an index.',
      mutants: ['true &&'],
    },
  ],
  'src/reconcile/build.ts': [
    {
      why: 'The check is there for the compiler: without it the result is the same. The keys of unchanged overrides are those of declared ones.',
      mutants: ["return planned.declared.get(key).setting.type !== 'none';"],
    },
    {
      why: 'Only saves time: a policy that protects nothing marks nothing.',
      mutants: [
        'const listing = policies',
        '.filter(({ protect }) => true)',
        '.filter(({ protect }) => protect.flags.length + protect.contexts.length >= 0)',
        'if (false) return items;',
      ],
    },
  ],
  'src/reconcile/changes.ts': [
    {
      why: 'Only saves time: without it, the override is looked up among none.',
      mutants: [
        "if (true && noEffect.has(overrideKey(draft))) warnings.push('no-effect');",
        "if (noEffect.size >= 0 && noEffect.has(overrideKey(draft))) warnings.push('no-effect');",
      ],
    },
    {
      why: 'Only saves time: without dates, the date is looked up among none.',
      mutants: ['const date = false ? undefined : history.datesThen.get(overrideKey(id));'],
    },
    {
      why: 'The check is there for the compiler: without it the result is the same. An undefined date is not before now.',
      mutants: ['return true && date <= now && !forbidsRemoval(then, history);'],
    },
    {
      why: 'Only saves time: a copy of the change is the same.',
      mutants: ['if (false) return change;'],
    },
    {
      why: 'The check is there for the compiler: without it the result is the same. A change is always of a flag that was read.',
      mutants: [
        'const variationsOf = ({ flag }: OverrideId): readonly Variation[] => live.flags.get(flag)?.variations ?? ["Stryker was here"];',
        'const variationsOf = ({ flag }: OverrideId): readonly Variation[] => live.flags.get(flag).variations ?? [];',
        'const environment = flag.environments.get(scope.environment);',
        'if (false || environment === undefined || draft.after === null) return warnings;',
      ],
    },
    {
      why: 'The check is there for the compiler: without it the result is the same. Only a resolution of type variation has an index.',
      mutants: ['const applied = true ? resolution.index : undefined;'],
    },
  ],
  'src/reconcile/compare.ts': [
    {
      why: 'The check is there for the compiler: without it the result is the same. A resolution of type none has no index.',
      mutants: [
        'const after = false ? undefined : resolution.index;',
        'const after = resolution.type === "" ? undefined : resolution.index;',
      ],
    },
  ],
  'src/reconcile/date-key.ts': [
    {
      why: 'The check is there for the compiler: without it the result is the same. The setting of a date is always a value.',
      mutants: ['if (true) dates.set(key.slice(PREFIX.length), Number(setting.value));'],
    },
    {
      why: 'Only saves time: the copy has the same settings.',
      mutants: ['if (false) return { settings: mixed, dates };'],
    },
  ],
  'src/reconcile/dates.ts': [
    {
      why: 'The check is there for the compiler: without it the result is the same. An override that is live as declared is declared, and its flag and variation exist.',
      mutants: [
        'if (false) continue;',
        'if (declared === undefined && flag === undefined) continue;',
        'if (false || flag === undefined) continue;',
        'if (declared === undefined || false) continue;',
        'const variationId = flag.variations[index].id;',
      ],
    },
    {
      why: 'The check is there for the compiler: without it the result is the same. A setting of another type has no value, so it is no date.',
      mutants: ['isLive: (setting) => true && isSameDate(Number(setting.value), before),'],
    },
    {
      why: 'Only saves time: without differences there are no dates.',
      mutants: ['if (false) return [];'],
    },
    {
      why: 'The check is there for the compiler: without it the result is the same. `undefined` equals no date, and not null either.',
      mutants: ['return true && isSameDate(applied, difference.after);'],
    },
  ],
  'src/reconcile/drift.ts': [
    {
      why: 'Only saves time: without a removal of what was set elsewhere, every change is returned as it is.',
      mutants: ['if (false) return changes;', 'if (!changes.some(({ mark }) => true)) return changes;'],
    },
  ],
  'src/reconcile/estimate.ts': [
    {
      why: 'Every mode that is neither put nor auto is batch; the types allow no other.',
      mutants: [
        'return { ...estimateFor(writes.mode), put: estimateFor(\'put\'), batch: estimateFor(""), paces };',
      ],
    },
    {
      why: 'Cannot be reached, since there are always budgets: the text is for a bug report.',
      mutants: [
        "if (false) throw new TypeError('there is nothing to compare');",
        'if (first === undefined) throw new TypeError("");',
      ],
    },
  ],
  'src/reconcile/filter.ts': [
    {
      why: 'Every kind of glob that is neither a path nor a context is a key; the types allow no other.',
      mutants: ['checkGlobs(\'--flag\', flags, "");'],
    },
  ],
  'src/reconcile/guards/rewind.ts': [
    {
      why: 'No guard is lifted by a word that is not an option; the types allow no other.',
      mutants: [
        "rewind: [refusal('rewind', message, new Set(allowed ? ['allow-rewind'] : [\"Stryker was here\"]))],",
      ],
    },
  ],
  'src/reconcile/guards/scope.ts': [
    {
      why: 'No guard is lifted by a word that is not an option; the types allow no other.',
      mutants: [
        '...(force ? [\'force\' as const] : ["Stryker was here"]),',
        '...(allowLoosened ? [\'allow-loosened\' as const] : ["Stryker was here"]),',
      ],
    },
    {
      why: 'A check without a message refuses nothing, so such an entry changes nothing.',
      mutants: [
        'if (lastApplied === undefined) return false ? [] : [{ message: head, by: undefined }];',
        'if (lastApplied === undefined) return head === undefined ? ["Stryker was here"] : [{ message: head, by: undefined }];',
        "if (true && head === applied) return [{ message: head, by: 'both' }];",
        '? ["Stryker was here"]',
        '...(applied === undefined ? ["Stryker was here"] : [{ message: `${applied} ${according}`, by: \'last-applied\' as const }]),',
      ],
    },
    {
      why: 'Only saves time: no limit is negative, so that a share of 0 is never over it.',
      mutants: ['if (false || total === undefined) return undefined;'],
    },
  ],
  'src/reconcile/list.ts': [
    {
      why: 'The check is there for the compiler: without it the result is the same. Every listed scope is in the plan.',
      mutants: [
        'const unmanaged = (plan.scopes.find(isHere).unmanagedOverrides ?? [])',
        'const unmanaged = (plan.scopes.find(isHere)?.unmanagedOverrides ?? ["Stryker was here"])',
      ],
    },
    {
      why: 'The check is there for the compiler: without it the result is the same. A flag that does not exist has no live override, and only a resolution of type variation has an index.',
      mutants: [
        'const liveValue = false ? null : valueOf(flag, index);',
        'false ? null : valueOf(flag, resolution.index);',
        "flag === undefined && resolution.type !== 'variation' ? null : valueOf(flag, resolution.index);",
        "false || resolution.type !== 'variation' ? null : valueOf(flag, resolution.index);",
        'flag === undefined || false ? null : valueOf(flag, resolution.index);',
      ],
    },
  ],
  'src/reconcile/managed-then.ts': [
    {
      why: 'The check is there for the compiler: without it the result is the same. The flag of an override that is looked at was read, and an override that is left as it is is declared.',
      mutants: [
        'const variations = live.flags.get(id.flag)?.variations ?? ["Stryker was here"];',
        'const variations = live.flags.get(id.flag).variations ?? [];',
        'if (manageRules(declared.get(key).manage ?? policy.manage).adds) others += 1;',
      ],
    },
  ],
  'src/reconcile/override-values.ts': [
    {
      why: 'The check is there for the compiler: without it the result is the same. No list has an element at the index undefined.',
      mutants: ['if (false) return null;'],
    },
  ],
  'src/reconcile/ownership.ts': [
    {
      why: 'The check is there for the compiler: without it the result is the same. An undesired override is always of a flag that was read.',
      mutants: [
        'const variations = live.flags.get(flag).variations ?? [];',
        'const variations = live.flags.get(flag)?.variations ?? ["Stryker was here"];',
        '(it) => it.expired && isAttempted(it, it.before.variation, live.flags.get(it.flag).variations ?? []),',
        '(it) => it.expired && isAttempted(it, it.before.variation, live.flags.get(it.flag)?.variations ?? ["Stryker was here"]),',
      ],
    },
    {
      why: 'The result is only negated: undefined counts as false.',
      mutants: ['const mayTouch = policy === undefined ? () => undefined : flagFilter(policy);'],
    },
  ],
  'src/reconcile/setting.ts': [
    {
      why: 'The check is there for the compiler: without it the result is the same. Only a setting of type variation has a variation.',
      mutants: ["if (true && typeof setting.variation === 'number') {"],
    },
    {
      why: 'The check is there for the compiler: without it the result is the same. Only a resolution of type variation has an index.',
      mutants: ['return true && resolution.index === index;'],
    },
  ],
  'src/reconcile/tidy.ts': [
    {
      why: 'The check is there for the compiler: without it the result is the same. Obstacles are known if LaunchDarkly was asked, and only then is it known that there is no effect.',
      mutants: [
        "verdicts.set(id, { reason: 'no-effect', obstacle: isKept ? 'protected' : obstacles.get(id) });",
      ],
    },
    {
      why: 'The list is only searched for the keys of overrides, and none has such a key.',
      mutants: [
        'const unchanged = new Set([...(live?.comparison.archived ?? ["Stryker was here"]), ...(live?.comparison.untouched ?? [])]);',
        'const unchanged = new Set([...(live?.comparison.archived ?? []), ...(live?.comparison.untouched ?? ["Stryker was here"])]);',
      ],
    },
  ],
  'src/reconcile/writes.ts': [
    {
      why: 'Only saves time: without it, PUTs are planned and then counted, with the same result.',
      mutants: ['if (false) {', 'if (policy.mode === "") {', "if (policy.mode === 'put') {}"],
    },
    {
      why: 'The check is there for the compiler: without it the result is the same. Nothing is free before the first chunk, and each change has a weight.',
      mutants: ['if (false || weight > free) {'],
    },
  ],
};
