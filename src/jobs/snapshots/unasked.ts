import { asError, errorInfo, FlowkeepError, type UsageError, type ErrorInfo } from '../../lib/errors.ts';
import type { Store } from '../../store/store.ts';

/** A store that could not be asked: it is down, refuses, or is damaged as a whole. */
export interface UnaskedStore {
  readonly store: string;
  readonly error: FlowkeepError;
}

/** What the stores that answered said, in the order of the stores, and which of them did not. */
export interface Answers<Answer> {
  readonly answers: readonly { readonly store: Store; readonly answer: Answer }[];
  readonly unasked: readonly UnaskedStore[];
}

/**
 * Asks several stores at once. One that does not answer is told of, and what the others have is used.
 * @throws where none answers; InterruptedError; what is no FlowkeepError
 */
export async function askStores<Answer>(
  stores: readonly Store[],
  signal: AbortSignal,
  ask: (store: Store) => Promise<Answer>,
): Promise<Answers<Answer>> {
  const asked = await Promise.all(stores.map((store) => askOne(store, signal, ask)));
  const answers = asked.flatMap((one) => ('answer' in one ? [one] : []));
  const unasked = asked.flatMap((one) => ('error' in one ? [one] : []));
  if (answers.length === 0 && unasked.length > 0) throw noStoreAnswered(unasked);
  return { answers, unasked };
}

async function askOne<Answer>(
  store: Store,
  signal: AbortSignal,
  ask: (store: Store) => Promise<Answer>,
): Promise<{ readonly store: Store; readonly answer: Answer } | UnaskedStore> {
  try {
    return { store, answer: await ask(store) };
  } catch (error) {
    if (signal.aborted || !(error instanceof FlowkeepError)) throw error;
    return { store: store.name, error };
  }
}

/** The first store's error, with what the others said. */
function noStoreAnswered(unasked: readonly UnaskedStore[]): Error {
  const [first, ...more] = unasked;
  if (!first || more.length === 0) return asError(first?.error);
  const { code, exitCode, remedy } = first.error;
  const message = unasked.map(({ error }) => error.message).join('\n');
  return new FlowkeepError(code, message, {
    exitCode,
    cause: first.error,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

/**
 * What is thrown where something was not found in the stores that answered: a store that did not may hold it, and then
 * its error is what has to be mended.
 */
export function notFound(error: UsageError, unasked: readonly UnaskedStore[]): FlowkeepError {
  const [first] = unasked;
  if (!first) return error;
  const stores = unasked.map((each) => `${describeUnasked(each)}. It may hold what was asked for`);
  return new FlowkeepError(first.error.code, [error.message, ...stores].join('\n'), {
    exitCode: first.error.exitCode,
    cause: first.error,
    ...(first.error.remedy === undefined ? {} : { remedy: first.error.remedy }),
  });
}

/** Which store, and why. */
export function describeUnasked({ store, error }: UnaskedStore): string {
  return `store ${store} could not be asked: ${error.message}`;
}

/** As `--json` shows it. */
export interface UnaskedDocument extends ErrorInfo {
  readonly store: string;
}

/** Each store once, however many instances it was asked about. */
export function unaskedDocuments(unasked: readonly UnaskedStore[]): UnaskedDocument[] {
  const found = new Map<string, UnaskedDocument>();
  for (const { store, error } of unasked) {
    const document = { store, ...errorInfo(error) };
    found.set(`${store} ${document.message}`, document);
  }
  return [...found.values()];
}
