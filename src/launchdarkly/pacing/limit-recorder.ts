import type { SeenLimits } from '../../reconcile/pace.js';
import type { RouteName } from '../paths.js';
import type { RateReading } from './rate-headers.js';

/** Kinds of writes, by the route that they use. */
const WRITES: Readonly<Partial<Record<RouteName, Exclude<keyof SeenLimits, 'all'>>>> = {
  'user setting': 'users',
  'context setting': 'contexts',
  'flag patch': 'patches',
  'dates patch': 'dates',
};

/** Records the limits that the responses of a run reported, for estimates. */
export class LimitRecorder {
  readonly #limits = new Map<string, number>();

  /**
   * Records the rate headers of one response.
   * @returns whether they changed what is known
   */
  record(route: RouteName, readings: readonly RateReading[]): boolean {
    let isNew = false;
    for (const { name, remaining, limit } of readings) {
      const key = name === 'route' ? WRITES[route] : name;
      if (key === undefined) continue;
      // If the limit is not reported, it is at least what was left before this request.
      const seen = limit ?? Math.max(remaining + 1, this.#limits.get(key) ?? 0);
      isNew ||= seen !== this.#limits.get(key);
      this.#limits.set(key, seen);
    }
    return isNew;
  }

  get limits(): SeenLimits {
    const shared = [this.#limits.get('global'), this.#limits.get('token')].filter(
      (limit) => limit !== undefined,
    );
    return {
      users: this.#limits.get('users'),
      contexts: this.#limits.get('contexts'),
      patches: this.#limits.get('patches'),
      dates: this.#limits.get('dates'),
      all: shared.length === 0 ? undefined : Math.min(...shared),
    };
  }
}
