import type { SecretMask } from '../../security/secret-mask.js';
import { shortLine } from '../../text/one-line.js';
import type { ApiRequest } from '../paths.js';

/**
 * LaunchDarkly refused a request. Planning turns it into an error for the operator, apply into the outcome of one change.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly request: ApiRequest;
  readonly status: number;
  /** LaunchDarkly's error code, for example `optimistic_locking_error`; empty if the response has none. */
  readonly code: string;
  /** LaunchDarkly's message in one line; empty if the response has none. */
  readonly detail: string;

  constructor(request: ApiRequest, status: number, code: string, detail: string) {
    super(
      `LaunchDarkly answered ${status}${code === '' ? '' : ` ${code}`} to ${request.method} ${request.path}${detail === '' ? '' : `: ${detail}`}`,
    );
    this.request = request;
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

/**
 * Creates an ApiError from an error response. LaunchDarkly sends `{code, message}`; a proxy in between may send anything.
 * @param body the text of the response
 * @param mask hides the token, which the server may repeat. It is applied after parsing, which resolves JSON escapes,
 *   and before shortening, which could leave a part of the token
 */
export function apiError(request: ApiRequest, status: number, body: string, mask: SecretMask): ApiError {
  const { code, message } = codeAndMessage(body);
  return new ApiError(request, status, shortLine(mask.text(code), 80), shortLine(mask.text(message), 300));
}

function codeAndMessage(body: string): { code: string; message: string } {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) {
      return {
        code: 'code' in parsed && typeof parsed.code === 'string' ? parsed.code : '',
        message: 'message' in parsed && typeof parsed.message === 'string' ? parsed.message : '',
      };
    }
  } catch {
    // Not JSON: the status is all there is.
  }
  return { code: '', message: '' };
}
