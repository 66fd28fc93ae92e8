/** Made when it is needed: that takes a few milliseconds. */
let segmenter: Intl.Segmenter | undefined;

/** Characters as a reader counts them: an accent belongs to its letter. */
export function* graphemes(text: string): Generator<string> {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  for (const { segment } of segmenter.segment(text)) yield segment;
}

/** The columns of a terminal that one grapheme takes: two if it is wide, as in Chinese, Japanese and Korean, or an emoji. */
export function graphemeWidth(grapheme: string): 1 | 2 {
  return WIDE.test(grapheme) ? 2 : 1;
}

const WIDE =
  /^[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]|\ufe0f$/u;

/**
 * The columns of a terminal that a text takes.
 * @param text without control characters
 */
export function widthOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  let width = 0;
  for (const grapheme of graphemes(text)) width += graphemeWidth(grapheme);
  return width;
}

/** Matches nearly every text. Checked first because finding graphemes is slow, and a large plan has millions of words. */
const NARROW = /^[ -~\u00a0-\u02ff]*$/;
