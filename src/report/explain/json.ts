import { jsonText } from '../escape.js';
import type { ExplainReport } from './explain.js';

/** Explanations as JSON, as `explain.schema.json` describes them. */
export function explainJson({
  baseUrl,
  head,
  context,
  scopes,
  explanations,
  warnings,
}: ExplainReport): string {
  return jsonText({
    format: 'flagops-explain/1',
    baseUrl,
    head,
    context,
    scopes,
    flags: explanations.map(({ expires, kind: _kind, key: _key, ...explanation }) => ({
      ...explanation,
      ...(expires === undefined
        ? {}
        : { expires: { text: expires.text, at: new Date(expires.at).toISOString() } }),
    })),
    warnings,
  });
}
