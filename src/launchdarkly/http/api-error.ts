import type { SecretMask } from '../../security/secret-mask.js';
import { shortLine } from './short-line.js';
import type { ApiRequest } from '../paths.js';

/**
 * LaunchDarkly answered, and the answer is no. Who must act depends on who asked: planning turns it into words for the
 * operator, apply into the outcome of one change.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly request: ApiRequest;
  readonly status: number;
  /** LaunchDarkly's general class of error, for example `optimistic_locking_error`; empty where it gave none. */
  readonly code: string;
  /** LaunchDarkly's own words in one line; empty where it gave none. */
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
 * Reads an error answer; LaunchDarkly's have `{code, message}`, but what a proxy in between says may be anything.
 * @param body the answer's text
 * @param mask hides the token, which the server may repeat: after parsing, which resolves JSON's escapes, and before
 *   anything is cut, which would leave a part of it
 */
export function apiError(request: ApiRequest, status: number, body: string, mask: SecretMask): ApiError {
  const { code, message } = fields(body);
  return new ApiError(request, status, shortLine(mask.text(code), 80), shortLine(mask.text(message), 300));
}

function fields(body: string): { code: string; message: string } {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) {
      return {
        code: 'code' in parsed && typeof parsed.code === 'string' ? parsed.code : '',
        message: 'message' in parsed && typeof parsed.message === 'string' ? parsed.message : '',
      };
    }
  } catch {
    // Not JSON: the status has to speak for itself.
  }
  return { code: '', message: '' };
}
