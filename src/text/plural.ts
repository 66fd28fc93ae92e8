/** A count with its noun: `1 file`, `2 files`, `12,000 files`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** A count with its digits in groups: `12,000`. */
export function grouped(count: number): string {
  // Not toLocaleString: its first call loads the tables of every language, which takes 60 ms.
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}
