import type { Json } from '../../json/json.js';

/** Query parameters whose value is always a credential. */
const PARAMETER =
  /^(?:(?:access|api|auth|client|id|refresh)?[_-]?(?:token|secret)|authorization|password|(?:access|api|sdk)[_-]?key)$/i;

/** Headers whose value is always a credential. Authorization is replaced by the role. */
const HEADER = /^(?:proxy-authorization|cookie|(?:.*[_-])?(?:token|secret|password|api-?key))$/;

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
    const decoded = decode(target);
    // A credential in an unusual encoding must be hidden too.
    const hidden = this.text(decoded) === decoded ? this.text(target) : this.text(decoded);
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
    return HEADER.test(name) ? HIDDEN : this.text(value);
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

/** A credential in plain text and as it is escaped in JSON, in a URL and in HTML. */
function spellings(credential: string): ReadonlySet<string> {
  const html = credential
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
  return new Set([credential, JSON.stringify(credential).slice(1, -1), encodeURIComponent(credential), html]);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
