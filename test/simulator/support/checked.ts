import { beyondTheSpec, type Beyond } from '../../../src/simulator/beyond-the-spec.js';
import { call, type CallOptions, type Reply } from './call.js';
import { loadOpenApi, type Exchange, type Finding } from './openapi.js';

/** The document, or undefined where it is not there. */
export const openApi = loadOpenApi();

/** A client that holds every request and answer against the document. */
export interface CheckedClient {
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Reply>;
  /** Whatever the document does not have, listed or not. */
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

export function check(exchange: Exchange): readonly Finding[] {
  return openApi?.check(exchange) ?? [];
}

/** The findings that the visible list does not account for. */
export function unlisted(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter((finding) => !beyondTheSpec.some((beyond) => accountsFor(beyond, finding)));
}

export function accountsFor(beyond: Beyond, finding: Finding): boolean {
  return (
    (beyond.operation === '*' || beyond.operation === finding.operation) &&
    beyond.status === finding.status &&
    beyond.problem === finding.problem
  );
}
