import type { JsonObject } from '../../json/object.js';
import { invalid } from './errors.js';

/** @throws ErrorResponse 400 if the field is present and not a string */
export function optionalString(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  if (value === undefined || typeof value === 'string') return value;
  throw invalid(`${name} must be a string`);
}
