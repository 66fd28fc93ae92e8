/** How deep and large the value of a JSON text is, and whether the text is complete. */
export interface JsonShape {
  /** The deepest nesting of lists and objects. */
  readonly depth: number;
  /** Number of elements and members, approximately: one too many or too few for each list or object. */
  readonly values: number;
  /** Whether the text ends before everything is closed, or is empty. */
  readonly endsEarly: boolean;
}

/** Parsers can handle deeper values, but the code that uses them is recursive. */
const DEEPEST = 200;

const BACKSLASH = 0x5c;

/** Measures a text without parsing it. For a text that is not JSON the result is meaningless; it never throws. */
export function measureJson(text: string): JsonShape {
  let depth = 0;
  let deepest = 0;
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfString(text, at);
        if (at < 0) return { depth: deepest, values, endsEarly: true };
        break;
      case 0x2c: // ,
        values += 1;
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        values += 1;
        if (depth > deepest) deepest = depth;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
        break;
    }
  }
  return { depth: deepest, values, endsEarly: depth > 0 || text.trim() === '' };
}

/** A predicate that says that a text is nested too deeply; undefined if it is not. */
export function tooDeep({ depth }: JsonShape): string | undefined {
  return depth > DEEPEST ? `has more than ${DEEPEST} lists and objects inside one another` : undefined;
}

/** Index of the quote that closes the string that opens at `start`, or -1. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return -1;
}
