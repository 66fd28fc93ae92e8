import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { OpenApiDocument } from './openapi.js';

/** LaunchDarkly's own document, which is not part of this repository. */
const file = resolve(import.meta.dirname, '../../../../shared/launchdarkly/openapi-subset.json');

/** Why the document is missing; undefined if it is present. */
export const WITHOUT_VENDOR_DOCUMENT = existsSync(file)
  ? undefined
  : `LaunchDarkly's OpenAPI document is not at ${file}`;

/** Undefined if it is missing. */
export function vendorDocument(): OpenApiDocument | undefined {
  if (WITHOUT_VENDOR_DOCUMENT !== undefined) return undefined;
  const document: OpenApiDocument = JSON.parse(readFileSync(file, 'utf8'));
  return document;
}
