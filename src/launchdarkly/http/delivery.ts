import { OperatorError } from '../../diagnostics/operator-error.js';
import { NetworkError } from './network-error.js';

/**
 * Records what became of the requests of one write, over all attempts and routes. Whether a request can have had an
 * effect decides what may be reported about the change, so it is recorded where requests are sent, and never inferred
 * from the error that ended the last attempt.
 */
export class Delivery {
  #isAnswered = true;

  /**
   * Whether every request that was sent got a response that says whether it took effect. If not, one of them may have
   * taken effect, or may still do so.
   */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** Records the status of a response. After a server error, a gateway may have passed the request on. */
  recordStatus(status: number): void {
    if (status >= 500) this.#isAnswered = false;
  }

  /** Records that an attempt ended with an error instead of a response. */
  recordError(error: unknown): void {
    // An OperatorError is about a response that came, for example a redirect.
    const isHarmless =
      error instanceof OperatorError || (error instanceof NetworkError && error.request === 'unsent');
    if (!isHarmless) this.#isAnswered = false;
  }
}
