import { neverBack, type Clock } from '../../../lib/time.ts';
import { type Counter, mayBeSame } from './counter.ts';
import type { Endpoint } from './endpoint.ts';

/** What a hold covers: `instance`, all `reads` or `writes`, or the name of one endpoint. */
export type Held = string;

/** Until when which requests must not begin. */
export class Holds {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #until = new Map<Held, number>();
  /** The counters without anything left, by the endpoint whose answer told of them. */
  readonly #usedUp = new Map<string, Counter & Pick<Endpoint, 'direction'>>();
  #lastEnd = 0;
  #totalMs = 0;

  constructor(clock: Clock) {
    // A hold must not last for as long as the clock was set back.
    this.#clock = neverBack(clock);
  }

  /** Milliseconds for which requests were held back so far; holds that overlap count once. */
  get totalMs(): number {
    return this.#totalMs;
  }

  /** Milliseconds for which requests to this endpoint have to wait. */
  left({ direction, name }: Endpoint): number {
    const ends = ['instance', direction, name].map((held) => this.#until.get(held) ?? 0);
    return Math.max(0, Math.max(...ends) - this.#clock.now());
  }

  /** Holds requests that have not begun for this many milliseconds from now, or longer where a longer hold runs. */
  hold(held: Held, ms: number): void {
    const now = this.#clock.now();
    const until = now + ms;
    this.#until.set(held, Math.max(until, this.#until.get(held) ?? 0));
    this.#totalMs += Math.max(0, until - Math.max(now, this.#lastEnd));
    this.#lastEnd = Math.max(this.#lastEnd, until);
  }

  /**
   * Holds an endpoint of which an answer says that its counter is used up. Where the answer of another endpoint said
   * so, and may have told of the same counter, that is the one of all reads or of all writes, and holds these.
   * @returns what is held now
   */
  holdCounted(endpoint: Endpoint, ms: number, counter: Counter): Held {
    const { direction, name } = endpoint;
    const held = this.#isShared(endpoint, counter) ? direction : name;
    this.#usedUp.set(name, { ...counter, direction });
    this.hold(held, ms);
    return held;
  }

  #isShared({ direction, name }: Endpoint, counter: Counter): boolean {
    const now = this.#clock.now();
    return [...this.#usedUp].some(
      ([other, known]) =>
        other !== name && known.direction === direction && known.resetAt > now && mayBeSame(known, counter),
    );
  }
}
