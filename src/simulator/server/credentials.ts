import type { Json } from '../../json/json.js';

/** Parameters of a query that hold a credential, whatever it is. */
const PARAMETER =
  /^(?:(?:access|api|auth|client|id|refresh)?[_-]?(?:token|secret)|authorization|password|(?:access|api|sdk)[_-]?key)$/i;

/** Headers that hold one, besides Authorization. */
const HEADER = /^(?:proxy-authorization|cookie|(?:.*[_-])?(?:token|secret|password|api-?key))$/;

/** Shown in place of a credential that is not known. */
const HIDDEN = '[hidden]';

/**
 * Puts names in place of credentials: of the tokens and SDK keys that a simulator knows, wherever they are, and of
 * whatever is sent where credentials are sent.
 */
export class Credentials {
  readonly #names = new Map<string, string>();
  #pattern: RegExp | undefined;

  /** @param known each with the name to show instead */
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
    // The longest first, in case one is the beginning of another.
    this.#pattern ??= new RegExp(
      [...this.#names.keys()]
        .toSorted((a, b) => b.length - a.length)
        .map((credential) => credential.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`))
        .join('|'),
      'g',
    );
    return text.replaceAll(this.#pattern, (credential) => this.#names.get(credential) ?? HIDDEN);
  }

  /** The target of a request: its path and its query. */
  target(target: string): string {
    const decoded = decode(target);
    // An unusual way to encode it must not get a credential through.
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
   * A body.
   * @param body what is noted: the parsed text, or undefined where it is no JSON
   */
  body(text: string, body: Json | undefined): Json {
    if (body === undefined) return this.text(text);
    // Most bodies hold none, and some are large.
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

/** A credential as it is, in JSON, in a URL and in HTML. */
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
