import { specDeviations, type SpecDeviation } from './spec-deviations.js';
import { call, type CallOptions, type Reply } from './call.js';
import { factsDocument } from './facts-document.js';
import { openApiOf, type ObservedExchange, type Finding } from './openapi.js';
import { vendorDocument } from './vendor-document.js';

/** The project's facts about LaunchDarkly's operations. */
export const apiFacts = openApiOf(factsDocument());

const vendors = vendorDocument();
const vendorApi = vendors && openApiOf(vendors);

/** A client that checks every request and response against the facts. */
export interface CheckedClient {
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Reply>;
  /** All deviations from the facts, listed or not. */
  readonly findings: Finding[];
}

export function checkedClient(url: () => string): CheckedClient {
  const findings: Finding[] = [];
  return {
    findings,
    call: async (method, path, options = {}) => {
      const reply = await call(url(), method, path, options);
      findings.push(...check({ method, path, requestBody: options.body, ...reply }));
      return reply;
    },
  };
}

/** Checks an exchange against the facts, and against LaunchDarkly's document if it is present. */
export function check(exchange: ObservedExchange): readonly Finding[] {
  const found = apiFacts.check(exchange);
  const more = vendorApi?.check(exchange) ?? [];
  const isKnown = !found.some(({ problem }) => problem === 'unknown operation');
  return [
    ...found,
    ...more
      .filter((finding) => !found.some((known) => isSame(known, finding)))
      // The copy of LaunchDarkly's document that is used here does not have every operation.
      .filter(({ problem }) => problem !== 'unknown operation' || !isKnown),
  ];
}

function isSame(one: Finding, other: Finding): boolean {
  return one.operation === other.operation && one.status === other.status && one.problem === other.problem;
}

/** The findings that are not in the list of deviations. */
export function unlisted(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter((finding) => !specDeviations.some((beyond) => accountsFor(beyond, finding)));
}

export function accountsFor(beyond: SpecDeviation, finding: Finding): boolean {
  return (
    (beyond.operation === '*' || beyond.operation === finding.operation) &&
    beyond.status === finding.status &&
    beyond.problem === finding.problem
  );
}
