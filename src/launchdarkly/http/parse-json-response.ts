import { OperatorError } from '../../diagnostics/operator-error.js';
import { type JsonShape, measureJson, tooDeep } from '../../json/shape.js';
import { NetworkError } from './network-error.js';
import { shortLine } from '../../text/one-line.js';
import type { ApiRequest } from '../paths.js';
import type { HttpResponse } from './transport.js';

/**
 * Parses the JSON of a successful response.
 * @param host the server, for messages
 * @throws NetworkError if the text was cut off, OperatorError `malformed-answer` or `answer-too-large` if LaunchDarkly
 *   cannot have sent it
 */
export function parseJsonResponse(response: HttpResponse, request: ApiRequest, host: string): unknown {
  const { text } = response;
  const subject = `the response from ${host} to ${request.method} ${request.path}`;
  const encoding = response.headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    throw malformed(`${subject} is compressed (${shortLine(encoding, 40)}), which flagops did not ask for`);
  }
  if (!response.isUtf8) throw malformed(`${subject} is not UTF-8 text`);
  const shape = measureJson(text);
  const excess = tooDeep(shape) ?? tooManyValues(shape);
  if (excess !== undefined) {
    throw new OperatorError('answer-too-large', `${subject} ${excess}`, {
      hint: 'LaunchDarkly never sends this much; check the base URL',
    });
  }
  try {
    return JSON.parse(text);
  } catch {
    if (isCutOff(text, shape)) throw new NetworkError('cut', host, undefined);
    // No cause: its message would quote the text, which may be anything.
    const type = shortLine(response.headers.get('content-type') ?? 'no content type', 80);
    throw malformed(`${subject} is not JSON (status ${response.status}, ${type}, ${text.length} characters)`);
  }
}

/** A parsed value can take a hundred times as much memory as its text. */
const MAX_VALUES = 10_000_000;

function tooManyValues({ values }: JsonShape): string | undefined {
  return values > MAX_VALUES ? `has more than ${MAX_VALUES / 1e6} million values` : undefined;
}

/** Whether the text is the beginning of JSON. A login page, for example, is not. */
function isCutOff(text: string, { endsEarly }: JsonShape): boolean {
  return endsEarly && /^\s*(?:[[{]|$)/.test(text);
}

function malformed(message: string): OperatorError {
  return new OperatorError('malformed-answer', message, {
    hint: 'check the base URL, and whether a proxy or a login page responds in its place',
  });
}
