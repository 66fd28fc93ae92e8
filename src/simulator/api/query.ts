import { invalid } from './errors.js';

/** The largest page. Larger limits are reduced to it, as the `next` link then shows. */
const LARGEST_PAGE = 100;

/** A whole number of at least `least`, or `otherwise` if the parameter is absent. */
export function integerParam(query: URLSearchParams, name: string, otherwise: number, least = 0): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw invalid(`${name} must be a whole number of at least ${least}`);
  }
  return value;
}

export function pageParams(query: URLSearchParams): { readonly limit: number; readonly offset: number } {
  return {
    limit: Math.min(LARGEST_PAGE, integerParam(query, 'limit', 20, 1)),
    offset: integerParam(query, 'offset', 0),
  };
}

/** A boolean parameter (`1`, `0`, `true` or `false`), or `otherwise` if it is absent. */
export function booleanParam(query: URLSearchParams, name: string, otherwise: boolean): boolean {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (text === '1' || text === 'true') return true;
  if (text === '0' || text === 'false') return false;
  throw invalid(`${name} must be true or false`);
}

/**
 * The parts of the `filter` parameter: `field:value`, separated by commas. A comma within braces belongs to the value.
 * @throws ErrorResponse 400 if a part has no colon
 */
export function filterParam(query: URLSearchParams): ReadonlyMap<string, string> {
  const parsed = new Map<string, string>();
  for (const part of splitOutsideBraces(query.get('filter') ?? '')) {
    const colon = part.indexOf(':');
    if (colon < 1) throw invalid(`the filter ${JSON.stringify(part)} is not of the form field:value`);
    parsed.set(part.slice(0, colon).trim(), part.slice(colon + 1));
  }
  return parsed;
}

function splitOutsideBraces(text: string): readonly string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.filter((part) => part !== '');
}

/** Compares by the fields of the `sort` parameter. A field with a leading dash sorts in descending order. */
export function sorter<T>(
  query: URLSearchParams,
  fields: Readonly<Record<string, (item: T) => string | number>>,
  otherwise: string,
): (a: T, b: T) => number {
  const orders = (query.get('sort') ?? otherwise).split(',').map((text) => {
    const descending = text.startsWith('-');
    const by = Object.hasOwn(fields, text.slice(Number(descending)))
      ? fields[text.slice(Number(descending))]
      : undefined;
    if (!by) throw invalid(`cannot sort by ${JSON.stringify(text)}`);
    return (a: T, b: T): number => {
      const [left, right] = descending ? [by(b), by(a)] : [by(a), by(b)];
      return Number(left > right) - Number(left < right);
    };
  });
  return (a, b) => orders.reduce((result, order) => result || order(a, b), 0);
}
