/** How many requests a window allows: as the server reports it, and otherwise a lower bound of it. */
export class KnownLimit {
  readonly #reserve: number;
  #reported: number | undefined;
  #least = 0;

  /** @param reserve the share of the limit, 0 to 1, that is left to other clients */
  constructor(reserve: number) {
    this.#reserve = reserve;
  }

  /**
   * Records a response.
   * @param reported the limit, if the response has it
   * @param counted how many requests the window certainly contained, with what remained of it
   */
  learn(reported: number | undefined, counted: number): void {
    this.#reported = reported ?? this.#reported;
    this.#least = Math.max(this.#least, counted);
  }

  get isReported(): boolean {
    return this.#reported !== undefined;
  }

  /** Requests of a window, by all clients. */
  get full(): number {
    return this.#reported ?? this.#least;
  }

  /** Requests of a window that are left to other clients; rounded down, so that a tiny limit is still usable. */
  get reserved(): number {
    return Math.floor(this.full * this.#reserve);
  }

  /** Requests of a window that clients like this one may make: the limit without the reserve, at least 1. */
  get usable(): number {
    return Math.max(1, this.full - this.reserved);
  }
}
