import { describe, expect, test } from 'vitest';
import { OperatorError } from '../../src/diagnostics/operator-error.js';
import { checkBaseUrl } from '../../src/launchdarkly/base-url.js';

function refusal(from: Parameters<typeof checkBaseUrl>[0]): OperatorError {
  try {
    checkBaseUrl(from);
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
  throw new Error('not refused');
}

describe('the base URL', () => {
  test("is LaunchDarkly's where nobody says anything", () => {
    expect(checkBaseUrl({})).toBe('https://app.launchdarkly.com');
  });

  test.each([
    'https://app.launchdarkly.com',
    'https://app.launchdarkly.com/',
    'https://app.launchdarkly.us',
    'https://app.eu.launchdarkly.com',
    'http://127.0.0.1:8080',
    'http://localhost:1234/',
    'http://[::1]:9',
    'https://127.9.9.9',
  ])('may be %s by the file alone', (url) => {
    expect(checkBaseUrl({ fromFile: url })).toBe(url.replace(/\/$/, ''));
  });

  test.each([
    'https://evil.example',
    'https://app.launchdarkly.com.evil.example',
    'https://app.launchdarkly.com:8443',
    'https://127.0.0.1.evil.example',
    'https://localhost.evil.example',
    'https://launchdarkly.com',
    'https://10.0.0.1',
  ])('may not be %s by the file alone', (url) => {
    const error = refusal({ fromFile: url });
    expect(error.code).toBe('base-url');
    expect(error.message).toContain('foreign host');
    expect(error.hint).toContain('LAUNCHDARKLY_BASE_URL');
  });

  test('may be any https host if it is said outside the repository', () => {
    const url = 'https://launchdarkly.proxy.example:8443';
    expect(checkBaseUrl({ fromFile: url, fromOutside: url })).toBe(url);
    expect(checkBaseUrl({ fromFile: 'https://app.launchdarkly.us', fromOutside: url })).toBe(url);
  });

  test('said outside does not bless another host in the file', () => {
    expect(
      checkBaseUrl({ fromFile: 'https://evil.example', fromOutside: 'https://app.launchdarkly.us' }),
    ).toBe('https://app.launchdarkly.us');
  });

  test.each([
    ['http://app.launchdarkly.com', 'not https'],
    ['http://10.0.0.1', 'not https'],
    ['ftp://app.launchdarkly.com', 'not a web address'],
    ['app.launchdarkly.com', 'not a web address'],
    ['', 'not a web address'],
    ['https://me:secret@app.launchdarkly.com', 'a name or a password'],
    ['https://app.launchdarkly.com/api/v2', 'more than a host'],
    ['https://app.launchdarkly.com?x=1', 'more than a host'],
    ['https://app.launchdarkly.com/?', 'more than a host'],
    ['https://app.launchdarkly.com/#', 'more than a host'],
  ])('may not be %s', (url, reason) => {
    for (const from of [{ fromFile: url }, { fromOutside: url }]) {
      const error = refusal(from);
      expect(error.message).toContain(reason);
      expect(`${error.message} ${error.hint}`).not.toContain('secret');
    }
  });
});
