import { sha256 } from '../lib/hash.ts';

/** How late runs may begin: milliseconds, or a part of the time between two runs. */
export type Jitter = 'auto' | number;

/** What a delay depends on, beside the schedule: the same for ever, and different for each instance of a fleet. */
export interface Delayed {
  readonly name: string;
  /** Fleets of one instance each may all use the same name. */
  readonly url: string;
}

/** With `auto`: this part of the time between two runs, and no more than so many milliseconds. */
const AUTO_SHARE = 0.1;
const AUTO_MAX_MS = 5 * 60_000;

/**
 * Milliseconds, in whole seconds, by which every run of an instance begins after its slot, so that the instances of a
 * fleet with one schedule do not all start in the same second. They follow from the name and the URL (as systemd's
 * FixedRandomDelay from the machine): the time between two runs stays the same, and can be said beforehand. Always less
 * than the shortest time between two slots, so that none is left out.
 * @param slots some of the next ones, in order
 */
export function delayOf({ name, url }: Delayed, jitter: Jitter, slots: readonly Date[]): number {
  const gaps = slots.slice(1).map((slot, index) => slot.getTime() - (slots[index]?.getTime() ?? 0));
  const shortest = Math.min(...gaps);
  const longest = jitter === 'auto' ? Math.min(shortest * AUTO_SHARE, AUTO_MAX_MS) : Math.min(jitter, shortest);
  const share = Number.parseInt(sha256(`${name}\n${url}`).slice(0, 8), 16) / 2 ** 32;
  return Math.floor((share * longest) / 1000) * 1000;
}
