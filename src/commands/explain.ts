import { didYouMean } from '../diagnostics/nearest.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { connect } from '../launchdarkly/connect.js';
import { contextHint, unknownKind } from '../planning/explained-context.js';
import { readExplainedFlags } from '../planning/explained-flags.js';
import type { PlanningOptions } from '../planning/options.js';
import { prepare } from '../planning/prepare.js';
import { explainFlags, type ExplainedQuestion, isAskedFor } from '../reconcile/explain.js';
import { contextGlob } from '../reconcile/filter.js';
import { listOverrides, type ListedScope, questionsForList } from '../reconcile/list.js';
import type { ExplainReport } from '../report/explain/explain.js';
import { explainJson } from '../report/explain/json.js';
import { explainText } from '../report/explain/text.js';
import type { Io } from '../terminal/io.js';
import { withoutToken } from '../terminal/masked.js';
import { openProgress } from '../terminal/progress.js';
import { textOptions } from '../terminal/view.js';

export interface ExplainOptions extends Omit<PlanningOptions, 'format' | 'filter'> {
  /** `kind:key`, or just the key of a user. */
  readonly context: string;
  /** Key of the flag; undefined for all flags in which an override of the context is live or declared. */
  readonly flag: string | undefined;
  readonly format: 'text' | 'json';
}

/**
 * `flagops explain`: shows what is declared and live for a context, and what it is served and why. Only sends GET
 * requests. Returns the exit code.
 * @throws OperatorError, among others `filter-unknown` for a flag that does not exist; DeclarationsInvalid
 */
export async function explainContext(options: ExplainOptions, unmasked: Io): Promise<ExitCode> {
  const io = withoutToken(unmasked, options.token);
  const question = { ...parseContext(options.context), flag: options.flag };
  const isAsked = isAskedFor(question);
  const { plan, scopes, answers, client } = await prepare(
    { ...options, filter: { flags: [], contexts: [] }, format: 'text' },
    io,
    {
      connect,
      onWait: openProgress(io).wait,
      fetching: 'if possible',
      everyFlag: true,
      anyScope: 'explain',
      alsoAsk: (compared) => compared.flatMap((scope) => questionsForList(scope, isAsked)),
    },
  );
  const flags = await readExplainedFlags(client, scopes, question);
  const listed = listOverrides(scopes, plan, isAsked, answers);
  const explanations = explainFlags(scopes, flags, question, { plan, listed });
  if (explanations.length === 0 && options.flag !== undefined) throw unknownFlag(options.flag, scopes);
  const report: ExplainReport = {
    baseUrl: plan.baseUrl,
    head: plan.head,
    context: { kind: question.kind, key: question.key },
    flag: options.flag,
    scopes: scopes.map(({ comparison }) => comparison.scope),
    explanations,
    warnings: [...plan.warnings, ...(await unknownKind(client, question, scopes))],
    hint: contextHint(question, scopes),
  };
  io.stdout(options.format === 'json' ? explainJson(report) : explainText(report, textOptions(io, 'stdout')));
  return EXIT.done;
}

/** Splits `kind:key`; without a colon, it is the key of a user. */
function parseContext(text: string): Pick<ExplainedQuestion, 'kind' | 'key'> {
  const name = contextGlob(text);
  const colon = name.indexOf(':');
  const [kind, key] = [name.slice(0, colon), name.slice(colon + 1)];
  if (kind !== '' && key !== '') return { kind, key };
  throw new OperatorError('filter-empty', 'the context is empty', {
    hint: 'write the key of a user, or kind:key',
  });
}

function unknownFlag(flag: string, scopes: readonly ListedScope[]): OperatorError {
  const projects = new Set(scopes.map(({ comparison }) => comparison.scope.project));
  const known = new Set(scopes.flatMap(({ live }) => [...live.flags.keys()]));
  const place = projects.size > MAX_NAMED ? `any of ${projects.size} projects` : [...projects].join(', ');
  return new OperatorError('filter-unknown', `there is no flag ${flag} in ${place}`, {
    hint: didYouMean(flag, known) ?? 'check its key in LaunchDarkly',
  });
}

/** More projects than this are counted. */
const MAX_NAMED = 3;
