/** Whether a whole text is what a pattern means, in which `*` stands for any characters. */
export function wildcard(pattern: string): (text: string) => boolean {
  const expression = pattern
    .split('*')
    .map((part) => part.replace(/[$()+.?[\\\]^{|}]/g, String.raw`\$&`))
    .join('.*');
  const matcher = new RegExp(`^${expression}$`, 's');
  return (text) => matcher.test(text);
}
