import type { ErrorCode } from '../diagnostics/codes.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { didYouMean } from '../diagnostics/nearest.js';
import type { OverrideValue } from './plan.js';
import type { Resolution } from './setting.js';
import { settingKey } from './setting.js';
import { showSetting } from './show.js';
import type { DesiredOverride, LiveFlag, LiveProject, ScopeId } from './state.js';
import { listVariations, suggestVariation } from './variations.js';

/**
 * Collects what is wrong with declared overrides, given the live flags. The same problem in many places (a flag that
 * does not exist, for 20,000 users) is reported once, at its first position, with the number of other places.
 */
export class ComparisonProblems {
  readonly #found = new Map<string, { diagnostic: Diagnostic; times: number }>();
  readonly #scope: ScopeId;
  readonly #project: LiveProject;

  constructor(scope: ScopeId, project: LiveProject) {
    this.#scope = scope;
    this.#project = project;
  }

  unknownFlag(override: DesiredOverride): void {
    const message = `the project ${this.#scope.project} has no flag ${override.flag}`;
    this.#add(override, 'flag-unknown', override.flag, message, () =>
      didYouMean(override.flag, this.#project.flags.keys()),
    );
  }

  archivedFlag(override: DesiredOverride): void {
    const message = `the flag ${override.flag} is archived`;
    this.#add(
      override,
      'flag-archived',
      override.flag,
      message,
      () => 'delete the override, for example with flagops tidy --archived, or restore the flag',
    );
  }

  unknownKind(override: DesiredOverride, kinds: ReadonlySet<string>): void {
    const message = `the project ${this.#scope.project} has no context kind ${override.kind}`;
    this.#add(override, 'kind-unknown', override.kind, message, () => {
      const known = [...kinds];
      return didYouMean(override.kind, known) ?? `known kinds: ${known.join(', ')}`;
    });
  }

  unresolved(
    override: DesiredOverride,
    flag: LiveFlag,
    resolution: Extract<Resolution, { type: 'unknown' | 'ambiguous' }>,
  ): void {
    const { setting } = override;
    const shown = showSetting(setting);
    const subject = `${override.flag} ${settingKey(setting)}`;
    if (resolution.type === 'ambiguous') {
      const message = `${shown} is the value of several variations of ${override.flag}: ${resolution.indexes.join(', ')}`;
      this.#add(
        override,
        'variation-ambiguous',
        subject,
        message,
        () => 'select one with {$variation: INDEX}',
      );
      return;
    }
    const message = `${shown} is not a variation of ${override.flag}, which has ${listVariations(flag.variations)}`;
    this.#add(override, 'variation-unknown', subject, message, () =>
      suggestVariation(setting, flag.variations),
    );
  }

  /**
   * A PUT selects a variation by its value: null would remove the override, and a value that two variations share is
   * ambiguous. A patch selects it by its id, if LaunchDarkly gave one.
   */
  notSettable(override: DesiredOverride, { variation: index, value, id }: OverrideValue): void {
    const why =
      value === null
        ? 'has the value null, which a PUT takes as a removal'
        : 'shares its value with another variation';
    const message = `variation ${index} of ${override.flag} ${why}`;
    const remedy = 'give the variation a unique value other than null in LaunchDarkly';
    const hint = id === undefined ? remedy : `set writes: batch, or ${remedy}`;
    this.#add(override, 'variation-not-settable', `${override.flag} ${index}`, message, () => hint);
  }

  diagnostics(): Diagnostic[] {
    return [...this.#found.values()].map(({ diagnostic, times }) =>
      times === 1 ? diagnostic : { ...diagnostic, message: `${diagnostic.message} (and ${times - 1} more)` },
    );
  }

  #add(
    override: DesiredOverride,
    code: ErrorCode,
    subject: string,
    message: string,
    // Finding a suggestion is slow, so it is done once for each problem.
    hintFor: () => string | undefined,
  ): void {
    const key = `${code} ${subject}`;
    const known = this.#found.get(key);
    if (known !== undefined) {
      known.times += 1;
      return;
    }
    const hint = hintFor();
    const diagnostic: Diagnostic = {
      severity: 'error',
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
      at: override.at,
    };
    this.#found.set(key, { diagnostic, times: 1 });
  }
}
