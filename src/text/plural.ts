/** A count with its noun: `1 file`, `2 files`, `12,000 files`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  // Not toLocaleString: its first call loads the tables of every language, which takes 60 ms.
  const digits = String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
  return `${digits} ${count === 1 ? one : many}`;
}
