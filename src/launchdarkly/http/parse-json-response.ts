import { OperatorError } from '../../diagnostics/operator-error.js';
import { type JsonShape, measureJson, tooDeep } from '../../json/shape.js';
import { NetworkError } from './network-error.js';
import { shortLine } from './short-line.js';
import type { ApiRequest } from '../paths.js';
import type { HttpResponse } from './transport.js';

/**
 * The JSON value of a successful answer.
 * @param host who answered, for messages
 * @throws NetworkError if the text ends in the middle, OperatorError `malformed-answer` or `answer-too-large` if it is not
 *   what LaunchDarkly sends
 */
export function parseJsonResponse(answer: HttpResponse, request: ApiRequest, host: string): unknown {
  const { text } = answer;
  const asked = `the answer of ${host} to ${request.method} ${request.path}`;
  const encoding = answer.headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    throw malformed(`${asked} is compressed (${shortLine(encoding, 40)}), which was not asked for`);
  }
  if (!answer.isUtf8) throw malformed(`${asked} is not UTF-8 text`);
  const shape = measureJson(text);
  const beyond = tooDeep(shape) ?? tooMany(shape);
  if (beyond !== undefined) {
    throw new OperatorError('answer-too-large', `${asked} ${beyond}`, {
      hint: 'this is more than LaunchDarkly sends; check the base URL',
    });
  }
  try {
    return JSON.parse(text);
  } catch {
    if (mayBeCut(text, shape)) throw new NetworkError('cut', host, undefined);
    // Without the cause, which would show what was sent: it may be anything.
    const type = shortLine(answer.headers.get('content-type') ?? 'no content type', 80);
    throw malformed(`${asked} is not JSON (status ${answer.status}, ${type}, ${text.length} characters)`);
  }
}

/** A few bytes for each value can take a hundred times as much memory once they are parsed. */
const MOST_VALUES = 10_000_000;

function tooMany({ values }: JsonShape): string | undefined {
  return values > MOST_VALUES ? `has more than ${MOST_VALUES / 1e6} million values` : undefined;
}

/** A login page is not half of an answer. */
function mayBeCut(text: string, { endsEarly }: JsonShape): boolean {
  return endsEarly && /^\s*(?:[[{]|$)/.test(text);
}

function malformed(message: string): OperatorError {
  return new OperatorError('malformed-answer', message, {
    hint: 'check the base URL, and whether a proxy or a login page answers in its place',
  });
}
