/** Unchanged lines that are shown around a change. */
const CONTEXT = 3;

/** Pairs of lines that are compared; parts that differ by more are shown as removed and added as a whole. */
const MOST_COMPARED = 4_000_000;

/** A line of a diff: unchanged, removed or added. */
interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/**
 * The differences between two texts in the unified format, without a header.
 * @returns an empty text if there are none
 */
export function unifiedDiff(before: string, after: string): string {
  const lines = compare(linesOf(before), linesOf(after));
  let text = '';
  for (const [start, end] of hunks(lines)) {
    const count = (signs: string, until: number, from = 0): number =>
      lines.slice(from, until).filter(({ sign }) => signs.includes(sign)).length;
    const range = (signs: string): string => {
      const size = count(signs, end, start);
      return `${count(signs, start) + (size === 0 ? 0 : 1)},${size}`;
    };
    text += `@@ -${range(' -')} +${range(' +')} @@\n`;
    for (const { sign, text: line } of lines.slice(start, end)) text += `${sign}${line}\n`;
  }
  return text;
}

function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function compare(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  return [
    ...before.slice(0, start).map(same),
    ...changes(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same),
  ];
}

function same(text: string): Line {
  return { sign: ' ', text };
}

/** The lines that differ, with the longest common subsequence unchanged. */
function changes(before: readonly string[], after: readonly string[]): Line[] {
  if (before.length * after.length > MOST_COMPARED) {
    return [
      ...before.map((text): Line => ({ sign: '-', text })),
      ...after.map((text): Line => ({ sign: '+', text })),
    ];
  }
  const width = after.length + 1;
  // The length of the longest common subsequence of what follows two lines.
  const lengths = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const [down, right, diagonal] = [
        lengths[(i + 1) * width + j],
        lengths[i * width + j + 1],
        lengths[(i + 1) * width + j + 1],
      ];
      lengths[i * width + j] = before[i] === after[j] ? (diagonal ?? 0) + 1 : Math.max(down ?? 0, right ?? 0);
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, fresh] = [before[i], after[j]];
    if (old !== undefined && old === fresh) {
      lines.push({ sign: ' ', text: old });
      i += 1;
      j += 1;
    } else if (
      old !== undefined &&
      (fresh === undefined || (lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0))
    ) {
      lines.push({ sign: '-', text: old });
      i += 1;
    } else if (fresh !== undefined) {
      lines.push({ sign: '+', text: fresh });
      j += 1;
    }
  }
  return lines;
}

/** The parts of a diff to show: changes with some lines around them. */
function hunks(lines: readonly Line[]): (readonly [start: number, end: number])[] {
  const parts: [number, number][] = [];
  for (const [index, { sign }] of lines.entries()) {
    if (sign === ' ') continue;
    const start = Math.max(0, index - CONTEXT);
    const end = Math.min(lines.length, index + 1 + CONTEXT);
    const last = parts.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = end;
    else parts.push([start, end]);
  }
  return parts;
}
