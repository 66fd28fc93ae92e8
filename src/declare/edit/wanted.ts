import type { Setting } from '../../reconcile/state.js';

/** What an override's declaration should say. What is absent stays as it is. */
export interface WantedOverride {
  readonly setting?: Setting;
  /** Keys beside `$value` or `$variation`, such as `expires`; null for none. */
  readonly keys?: Readonly<Record<string, string | null>>;
}
