import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Milliseconds for which a page can make changes after it was loaded. */
const LIFETIME = 12 * 60 * 60 * 1000;

/** The time in milliseconds, a nonce and a MAC. */
const TOKEN = /^(\d{1,16})\.([\w-]{22})\.([\w-]{43})$/;

/**
 * Issues a token with each page, which the page must send with each change. A site that makes a browser send requests
 * here cannot read the page, so it has no token. Nothing is stored: showing a page changes no state.
 */
export class PageTokens {
  readonly #secret = randomBytes(32);
  readonly #now: () => number;

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param host from which the page is loaded. The token is not accepted under another name */
  issue(host: string): string {
    const issued = String(this.#now());
    const nonce = randomBytes(16).toString('base64url');
    return `${issued}.${nonce}.${this.#mac(host, issued, nonce)}`;
  }

  /** Whether this process issued the token for that host, at most 12 hours ago. */
  accepts(token: string, host: string): boolean {
    const [, issued = '', nonce = '', mac = ''] = TOKEN.exec(token) ?? [];
    const expected = this.#mac(host, issued, nonce);
    if (mac.length !== expected.length || !timingSafeEqual(Buffer.from(mac), Buffer.from(expected)))
      return false;
    return this.#now() - Number(issued) <= LIFETIME;
  }

  #mac(host: string, issued: string, nonce: string): string {
    return createHmac('sha256', this.#secret)
      .update(JSON.stringify([host.toLowerCase(), issued, nonce]))
      .digest('base64url');
  }
}
