import { request } from 'node:http';

export interface Reply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON, the text if it is not JSON, or undefined without a body. */
  readonly body: unknown;
}

export interface CallOptions {
  readonly body?: unknown;
  /** Undefined sends no Authorization header. */
  readonly token?: string | undefined;
  readonly contentType?: string;
  readonly host?: string;
  /** Additional headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Sends one HTTP request. The target is sent exactly as given: `fetch` and the URL classes would normalize it.
 * @param path percent-encoded, with the query
 */
export function call(url: string, method: string, path: string, options: CallOptions = {}): Promise<Reply> {
  const { hostname, port } = new URL(url);
  const token = 'token' in options ? options.token : 'api-writer';
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        hostname,
        port,
        method,
        path,
        headers: {
          ...(token === undefined ? {} : { authorization: token }),
          ...(options.host === undefined ? {} : { host: options.host }),
          ...(body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
          ...options.headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(headers),
            body: parsed(text),
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
