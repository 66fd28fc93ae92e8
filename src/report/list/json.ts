import { jsonText } from '../escape.js';
import type { OverrideList } from './list.js';

/** A list as JSON, as `list.schema.json` describes it. */
export function listJson({ baseUrl, head, overrides, warnings }: OverrideList): string {
  return jsonText({
    format: 'flagops-list/1',
    baseUrl,
    head,
    overrides: overrides.map(({ expires, ...override }) => ({
      ...override,
      ...(expires === undefined
        ? {}
        : { expires: { text: expires.text, at: new Date(expires.at).toISOString() } }),
    })),
    warnings,
  });
}
