import { pause } from '../../lib/pauses.ts';

/** Work that was begun before its result is needed. Disposing of it waits for its end, however it ends. */
export interface Ahead<T> extends AsyncDisposable {
  readonly result: Promise<T>;
}

/**
 * Lets work go on while something else is waited for. Its failure is thrown where the result is asked for, and is of no
 * interest any more where something else failed before that; nothing of it outlives its `await using`.
 */
export function ahead<T>(work: Promise<T>): Ahead<T> {
  const ended = work.then(
    () => undefined,
    () => undefined,
  );
  return { result: work, [Symbol.asyncDispose]: () => ended };
}

/** Turns of the event loop after which a request is on its way: fetch has written one after 2, with a form after 4. */
const TURNS = 10;

/**
 * Gives what `make` makes of each item, in order, and makes the next one while the last one is in use. One is made
 * ahead, no more; where the loop ends early, the one that is being made is waited for and dropped.
 *
 * This is not `mapParallel` of 2 (src/store/objects): nothing is made beside the first one, which is wanted at once,
 * and a next one begins only when the request that the last one went into is on its way.
 */
export async function* madeAhead<T, Made>(items: Iterable<T>, make: (item: T) => Promise<Made>): AsyncGenerator<Made> {
  const rest = items[Symbol.iterator]();
  const makeNext = async (): Promise<{ made: Made } | null> => {
    const step = rest.next();
    return step.done ? null : { made: await make(step.value) };
  };
  let next = ahead(makeNext());
  try {
    for (let made = await next.result; made !== null; made = await next.result) {
      // Making may keep the thread busy: the caller that got this one then starts first what it waits for.
      next = ahead(turns(TURNS).then(makeNext));
      yield made.made;
    }
  } finally {
    await next[Symbol.asyncDispose]();
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await pause();
}
