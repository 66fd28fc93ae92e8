import { expect } from 'vitest';

/**
 * Expects that outputs do not contain a secret, nor its first or last twelve characters, also after JSON, URL and HTML
 * escapes and base64 are decoded.
 */
export function expectNoTrace(secret: string, outputs: Readonly<Record<string, string>>): void {
  for (const [name, output] of Object.entries(outputs)) {
    for (const text of decodings(output)) {
      for (const part of [secret.slice(0, 12), secret.slice(-12)]) {
        const at = text.toLowerCase().indexOf(part.toLowerCase());
        expect(at < 0 ? '' : `${name}: ${text.slice(Math.max(0, at - 60), at + 40)}`).toBe('');
      }
    }
  }
}

function decodings(output: string): string[] {
  const unescaped = output
    .replaceAll(/\\+u([0-9a-f]{4})/gi, character)
    .replaceAll(/&#x([0-9a-f]+);/gi, character)
    .replaceAll(/&#(\d+);/g, (_, digits: string) => String.fromCodePoint(Number(digits)))
    .replaceAll(/[\u200b\u2060]/g, '')
    .replaceAll(/%([0-7][0-9a-f])/gi, character)
    .replaceAll(/\\([^\w\s])/g, '$1');
  const words = output.match(/[\w+/-]{12,}/g) ?? [];
  // In a word, base64 may start at any of the first four characters.
  const decoded = words.flatMap((word) =>
    [0, 1, 2, 3].map((skipped) => Buffer.from(word.slice(skipped), 'base64').toString('latin1')),
  );
  return [output, unescaped, decoded.join('\n')];
}

function character(_: string, digits: string): string {
  return String.fromCodePoint(Number.parseInt(digits, 16));
}

const escaped = (text: string): string =>
  text.replaceAll(/./g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Bodies of error responses that repeat a token, in every field and spelling, and at the place where messages are cut. */
export function echoesOf(token: string): string[] {
  const withMessage = (message: string): string => JSON.stringify({ code: 'invalid_request', message });
  return [
    withMessage(`the token ${token} may not`),
    JSON.stringify({ code: token, message: 'no' }),
    `{"code":"x","message":"the token ${escaped(token)} may not"}`,
    withMessage(`the token ${escaped(token)} may not`),
    withMessage(`GET https://host/?token=${token.replaceAll('-', '%2D')} failed`),
    withMessage(`Basic ${Buffer.from(`user:${token}`).toString('base64')} is unknown`),
    JSON.stringify({ code: `${'c'.repeat(60)}${token}`, message: `${'m'.repeat(275)}${token}` }),
    withMessage(`only ${token.slice(0, 20)}... was given`),
    `<html><body>${token} was refused by the proxy</body></html>`,
    token,
  ];
}
