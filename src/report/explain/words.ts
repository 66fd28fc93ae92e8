import type { Explanation } from '../../reconcile/explain.js';
import type { OverrideValue } from '../../reconcile/plan.js';
import type { CheckedPrerequisite, Serving } from '../../reconcile/serving.js';
import { showValue } from '../../reconcile/show.js';
import { plural } from '../../text/plural.js';
import { MAX_VALUE } from '../text-options.js';
import { noEffectWords, WARNING_WORDS, WITHHELD_WORDS } from '../words.js';

/** `"dark" (Dark)`, or `none`. A value is shortened to `maxLength` characters. */
export function valueWords(value: OverrideValue | null, maxLength = MAX_VALUE): string {
  if (value === null) return 'none';
  const text = showValue(value.value, maxLength);
  return value.name === undefined ? text : `${text} (${value.name})`;
}

/** `"dark"`, or what is known instead. */
export function servedWords({ served }: Serving, maxLength?: number): string {
  if (served === undefined) return 'not known';
  return served === null ? 'the fallback value in the code' : valueWords(served, maxLength);
}

/** Why it is served, in a few words: `individual target`. */
export function shortWhyWords({ why }: Serving): string {
  switch (why.reason) {
    case 'archived':
      return 'the flag is archived';
    case 'off':
      return 'the flag is off';
    case 'target':
      return 'individual target';
    case 'fallthrough':
      return 'default rule';
    case 'prerequisite':
      return `prerequisite ${why.prerequisite.flag} not met`;
    case 'rules':
      return `depends on ${plural(why.rules, 'rule')}`;
    case 'rollout':
      return 'percentage rollout';
    case 'unknown':
      return 'default rule unknown';
    case 'undecided-prerequisite':
      return `depends on prerequisite ${why.prerequisite.flag}`;
  }
}

/** Why it is served, in sentences without a full stop at the end. */
export function whyWords({ served, why }: Serving): string {
  const off = served === null ? 'there is no off variation' : 'the off variation is served';
  switch (why.reason) {
    case 'archived':
      return 'the flag is archived: SDKs do not receive it';
    case 'off':
      return `the flag is off: ${off}`;
    case 'target':
      return 'an individual target';
    case 'fallthrough':
      return 'the default rule; there is no individual target';
    case 'prerequisite':
      return `the prerequisite ${checkedWords(why.prerequisite)}: ${off}`;
    case 'rules':
      return `${plural(why.rules, 'rule comes', 'rules come')} before the default rule, and flagops does not evaluate rules. If none matches: ${resultWords(why.ifNoneMatches)}`;
    case 'rollout':
      return 'the default rule is a percentage rollout, which flagops does not evaluate';
    case 'unknown':
      return "LaunchDarkly's response does not contain the default rule";
    case 'undecided-prerequisite': {
      const ifNot = why.ifNot === null ? 'the fallback value in the code' : valueWords(why.ifNot);
      return `the prerequisite ${checkedWords(why.prerequisite)}. If it is met: ${resultWords(why.ifMet)}. If not: ${ifNot} (off variation)`;
    }
  }
}

/** `checkout-v2 must serve true and serves false (default rule)`. */
function checkedWords({ flag, mustServe, serves }: CheckedPrerequisite): string {
  if (serves === undefined) return `${flag} does not exist, or depends on this flag`;
  if (serves.why.reason === 'off') return `${flag} is off`;
  const wanted =
    mustServe === null ? 'a variation that does not exist' : showValue(mustServe.value, MAX_VALUE);
  if (serves.served === undefined)
    return `${flag} must serve ${wanted}, which is not known: ${whyWords(serves)}`;
  return `${flag} must serve ${wanted} and serves ${resultWords(serves)}`;
}

/** `true (default rule)`. */
function resultWords(serving: Serving): string {
  const { served } = serving;
  if (served === undefined) return `not known: ${whyWords(serving)}`;
  const value = served === null ? 'the fallback value in the code' : showValue(served.value, MAX_VALUE);
  return `${value} (${shortWhyWords(serving)})`;
}

/** How live, the declaration and the next apply relate. */
export function stateWords(explanation: Explanation): string {
  const { mark, change, withheld, excluded, declared, state } = explanation;
  const parts = [
    excluded === true ? 'the configuration excludes the flag: left alone' : relationWords(explanation),
  ];
  const who = withheld === undefined ? 'the next apply' : 'the plan';
  if (change === 'remove') parts.push(`${who} removes it`);
  if (change === 'add' || (change === 'update' && declared === undefined)) parts.push(`${who} sets it`);
  if (change === 'update' && declared !== undefined) {
    parts.push(`${who} changes it to ${valueWords(declared)}`);
  }
  if (mark === 'unmanaged' && change === undefined) parts.push('left alone');
  if (withheld !== undefined) parts.push(WITHHELD_WORDS[withheld]);
  parts.push(...noEffectWords(explanation));
  if (state === 'deprecated') parts.push(WARNING_WORDS['flag-deprecated']);
  return parts.join('; ');
}

function relationWords({ mark, at, live, declared, change, state, manage }: Explanation): string {
  if (mark === undefined) {
    if (manage !== undefined && live?.variation !== declared?.variation)
      return `left alone (manage: ${manage})`;
    if (at !== undefined) return declared === null ? 'no override, as declared' : 'live is as declared';
    if (live === null) return 'nothing is declared or live';
    return state === 'archived' ? 'not declared; archived flags are left alone' : 'not declared';
  }
  switch (mark) {
    case 'drift':
      return 'drift: changed in LaunchDarkly since the last apply';
    case 'pending':
      return at === undefined ? 'pending: no longer declared' : 'pending: declared and not applied yet';
    case 'expired':
      if (change !== undefined) return 'expired';
      return live === null
        ? 'expired; nothing is live'
        : 'expired; live has another value, which is left alone';
    case 'unmanaged':
      return 'unmanaged: not declared and not ours';
    case 'unknown':
      return 'never applied from here, so why it differs is unknown';
  }
}
