type Outcome<R> = { readonly value: R } | { readonly error: unknown };

/**
 * The results of `work` for each item, in the items' order, with at most `limit` at work at the same time. The first
 * failure is thrown once the others in flight have ended, so that nothing continues after the call returns.
 *
 * p-queue is for work that arrives by itself (requests, runs of the daemon). Here the caller pulls: an item is taken
 * from the list only when there is room for its result, so that a list of 100,000 objects needs no more memory.
 */
export async function* mapParallel<T, R>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<Outcome<R>>[] = [];
  try {
    for (const item of items) {
      running.push(settle(work(item)));
      if (running.length >= limit) yield await take(running);
    }
    while (running.length > 0) yield await take(running);
  } finally {
    await Promise.all(running);
  }
}

/** Runs `work` for each item, with at most `limit` at work at the same time. */
export async function forEachParallel<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const results = mapParallel(items, limit, work);
  while (!(await results.next()).done);
}

/** An outcome that cannot reject: the caller may look at it later than it fails. */
function settle<R>(promise: Promise<R>): Promise<Outcome<R>> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

async function take<R>(running: Promise<Outcome<R>>[]): Promise<R> {
  const outcome = await running.shift();
  if (outcome === undefined) throw new RangeError('nothing is running');
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}
