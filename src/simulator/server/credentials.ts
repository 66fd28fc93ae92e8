import type { Json } from '../../json/json.js';

/** Query parameters whose value is always a credential. */
const PARAMETER =
  /^(?:(?:access|api|auth|client|id|refresh)?[_-]?(?:token|secret)|authorization|password|(?:access|api|sdk)[_-]?key)$/i;

/** Headers whose value is always a credential. Authorization is replaced by the role. */
const HEADER =
  /^(?:cookie|(?:.*[_-])?(?:authorization|token|secret|password|api-?key|(?:access|auth|sdk)[_-]?key))$/;

/** Characters of base64. Fewer would appear in other text by chance. */
const SHORTEST_IN_BASE64 = 8;

/** Replaces a credential that the simulator does not know. */
const HIDDEN = '[hidden]';

/**
 * Hides credentials: replaces the simulator's tokens and SDK keys by their names wherever they occur, and all values in
 * headers and query parameters that are meant for credentials.
 */
export class Credentials {
  readonly #names = new Map<string, string>();
  #pattern: RegExp | undefined;

  /** @param known credentials, each with the name to show instead */
  constructor(known: Iterable<readonly [credential: string, name: string]> = []) {
    for (const [credential, name] of known) this.add(credential, name);
  }

  add(credential: string, name: string): void {
    if (credential === '' || this.#names.has(credential)) return;
    for (const spelling of spellings(credential)) this.#names.set(spelling, `[${name}]`);
    this.#pattern = undefined;
  }

  text(text: string): string {
    if (this.#names.size === 0) return text;
    // Longest first, in case one begins with another.
    this.#pattern ??= new RegExp(
      [...this.#names.keys()]
        .toSorted((a, b) => b.length - a.length)
        .map((credential) => credential.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`))
        .join('|'),
      'g',
    );
    return text.replaceAll(this.#pattern, (credential) => this.#names.get(credential) ?? HIDDEN);
  }

  /** @param target of a request: path and query */
  target(target: string): string {
    const hidden = this.#encoded(target);
    const query = hidden.indexOf('?');
    if (query === -1) return hidden;
    const parameters = hidden
      .slice(query + 1)
      .split('&')
      .map((parameter) => {
        const [name = ''] = parameter.split('=', 1);
        return PARAMETER.test(decode(name)) && parameter.length > name.length + 1
          ? `${name}=${HIDDEN}`
          : parameter;
      });
    return `${hidden.slice(0, query)}?${parameters.join('&')}`;
  }

  /** @param name in lower case */
  header(name: string, value: string): string {
    return HEADER.test(name) ? HIDDEN : this.#encoded(value);
  }

  /** A text that may be percent-encoded. If a credential is encoded in an unusual way, the text is decoded. */
  #encoded(text: string): string {
    const decoded = decode(text);
    const hidden = this.text(decoded);
    return hidden === decoded ? this.text(text) : hidden;
  }

  /**
   * The body of a request as it is recorded.
   * @param body the parsed text, or undefined if it is not JSON
   */
  body(text: string, body: Json | undefined): Json {
    if (body === undefined) return this.text(text);
    // Most bodies contain no credential, and some are large, so they are copied only if necessary.
    return text.includes(String.raw`\u`) || this.text(text) !== text ? this.#json(body) : body;
  }

  #json(value: Json): Json {
    if (typeof value === 'string') return this.text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (isList(value)) return value.map((item) => this.#json(item));
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [this.text(name), this.#json(item)]),
    );
  }
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** A credential in plain text, as it is escaped in JSON, in a URL and in HTML, and in base64. */
function spellings(credential: string): ReadonlySet<string> {
  const html = credential
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
  return new Set([
    credential,
    JSON.stringify(credential).slice(1, -1),
    encodeURIComponent(credential),
    html,
    ...inBase64(credential),
  ]);
}

/** Base64 of a credential in a longer text, such as `user:credential`: without the characters that depend on the rest. */
function inBase64(credential: string): string[] {
  const bytes = Buffer.from(credential);
  const both = [0, 1, 2].flatMap((before) =>
    (['base64', 'base64url'] as const).map((encoding) =>
      Buffer.concat([Buffer.alloc(before), bytes])
        .toString(encoding)
        .slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6)),
    ),
  );
  return both.filter((text) => text.length >= SHORTEST_IN_BASE64);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
