import { invalid } from '../api/errors.js';
import { isObject, type JsonObject } from '../../json/object.js';

// Readers of JSON from a request. Each throws an ErrorResponse 400 that names the field.

export function readString(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw invalid(`${name} must be a string`);
}

export function readFilled(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(`${name} must be a non-empty string`);
}

export function readBoolean(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value;
  throw invalid(`${name} must be true or false`);
}

/** A whole number of at least 0. */
export function readWhole(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(`${name} must be a whole number of at least 0`);
}

export function readObject(value: unknown, name: string): JsonObject {
  if (isObject(value)) return value;
  throw invalid(`${name} must be an object`);
}

export function readList<T>(
  value: unknown,
  name: string,
  read: (item: unknown, name: string) => T,
): readonly T[] {
  if (!Array.isArray(value)) throw invalid(`${name} must be a list`);
  return value.map((item: unknown, index) => read(item, `${name}/${index}`));
}

export function readStrings(value: unknown, name: string): readonly string[] {
  return readList(value, name, readString);
}

/** The index of one of `count` variations. */
export function readVariation(value: unknown, name: string, count: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < count) return value;
  throw invalid(`${name} must be the index of a variation, from 0 to ${count - 1}`);
}

/** @throws ErrorResponse 400 if an object has other fields than these */
export function refuseOthers(object: JsonObject, names: readonly string[], where: string): void {
  const other = Object.keys(object).find((name) => !names.includes(name));
  if (other !== undefined) throw invalid(`${where}/${other} is not simulated`);
}
