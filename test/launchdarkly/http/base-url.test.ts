import { describe, expect, test } from 'vitest';
import { OperatorError } from '../../../src/diagnostics/operator-error.js';
import { checkBaseUrl } from '../../../src/launchdarkly/http/base-url.js';

function refusal(from: Parameters<typeof checkBaseUrl>[0]): OperatorError {
  try {
    checkBaseUrl(from);
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
  throw new Error('not refused');
}

const AT = { file: 'flagops.yaml', line: 3, col: 10 };
const inFile = (value: string): { value: string; at: typeof AT } => ({ value, at: AT });

describe('the base URL', () => {
  test("the base URL is LaunchDarkly's by default", () => {
    expect(checkBaseUrl({})).toBe('https://app.launchdarkly.com');
  });

  test.each([
    ['https://app.launchdarkly.com'],
    ['https://app.launchdarkly.com/'],
    ['https://app.launchdarkly.us'],
    ['https://app.eu.launchdarkly.com'],
    ['https://app.launchdarkly.com:443', 'https://app.launchdarkly.com'],
    ['HTTPS://App.LaunchDarkly.com', 'https://app.launchdarkly.com'],
  ])('the file alone may set the base URL to %s', (url, origin = url.replace(/\/$/, '')) => {
    expect(checkBaseUrl({ fromFile: inFile(url) })).toBe(origin);
  });

  test.each([
    'https://evil.example',
    'https://app.launchdarkly.com.evil.example',
    'https://app.launchdarkly.com.',
    'https://app.launchdarkly.com:8443',
    'https://127.0.0.1.evil.example',
    'https://launchdarkly.com',
    'https://10.0.0.1',
  ])('the file alone may not set the base URL to %s', (url) => {
    const error = refusal({ fromFile: inFile(url) });
    expect(error.code).toBe('base-url');
    expect(error.message).toBe(
      `baseUrl in flagops.yaml:3:10 is not one of LaunchDarkly's hosts: ${new URL(url).host}`,
    );
    expect(error.hint).toContain('LAUNCHDARKLY_BASE_URL');
  });

  const LOOPBACK = [
    'http://127.0.0.1:8080',
    'http://localhost:1234/',
    'https://localhost',
    'http://a.localhost.:8080',
    'http://[::1]:9',
    'http://[::]:9',
    'http://[::ffff:127.0.0.1]:9',
    'https://127.9.9.9',
    'http://0.0.0.0:4010',
    'http://0x7f.1:4010',
    'http://127.1',
    'http://0177.0.0.1',
    'http://2130706433',
    'http://%31%32%37.0.0.1',
  ];

  test.each(LOOPBACK)(
    'the base URL may be %s, a loopback address, only from outside the repository',
    (url) => {
      const { origin } = new URL(url);
      expect(refusal({ fromFile: inFile(url) }).message).toContain("is not one of LaunchDarkly's hosts");
      expect(checkBaseUrl({ fromOutside: url })).toBe(origin);
      expect(checkBaseUrl({ fromFile: inFile(url), fromOutside: url })).toBe(origin);
    },
  );

  test('the base URL may be any https host if it is set outside the repository', () => {
    const url = 'https://launchdarkly.proxy.example:8443';
    expect(checkBaseUrl({ fromFile: inFile(url), fromOutside: url })).toBe(url);
    expect(checkBaseUrl({ fromFile: inFile('https://app.launchdarkly.us'), fromOutside: url })).toBe(url);
  });

  test('a base URL from outside wins over another host in the file', () => {
    expect(
      checkBaseUrl({
        fromFile: inFile('https://evil.example'),
        fromOutside: 'https://app.launchdarkly.us',
      }),
    ).toBe('https://app.launchdarkly.us');
  });

  test.each([
    ['http://app.launchdarkly.com', 'not https'],
    ['http://10.0.0.1', 'not https'],
    ['http://localhost.evil.example', 'not https'],
    ['ftp://app.launchdarkly.com', 'not a valid http or https URL'],
    ['app.launchdarkly.com', 'not a valid http or https URL'],
    ['', 'not a valid http or https URL'],
    ['https://me:secret@app.launchdarkly.com', 'a user name or password'],
    ['https://app.launchdarkly.com@127.0.0.1', 'a user name or password'],
    ['https://app.launchdarkly.com/api/v2', 'more than a host'],
    ['https://app.launchdarkly.com\\@evil.example', 'more than a host'],
    ['https://app.launchdarkly.com?x=1', 'more than a host'],
    ['https://app.launchdarkly.com/?', 'more than a host'],
    ['https://app.launchdarkly.com/#', 'more than a host'],
  ])('the base URL may not be %s', (url, reason) => {
    for (const from of [{ fromFile: inFile(url) }, { fromOutside: url }]) {
      const error = refusal(from);
      expect(error.message).toContain(reason);
      expect(error.message).toContain('fromFile' in from ? 'baseUrl in flagops.yaml:3:10' : 'the base URL');
      expect(`${error.message} ${error.hint}`).not.toContain('secret');
    }
  });
});
