import type { JsonObject } from '../lib/json.ts';
import { cursorList, NotPositioned, type ListRequest } from './page-source.ts';
import { anchoredPass, plainPass, type Pass, type Reader } from './pass.ts';
import { Found, untilSettled, type FoundOptions, type SettleOptions } from './settle.ts';
import type { N8nClient, Query } from './types.ts';

export { listFolders } from './folder-list.ts';
export { readRows, type ReadRowsOptions } from './rows.ts';

export interface ListOptions extends FoundOptions, SettleOptions {
  readonly query?: Query | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Throws N8nError `invalid-answer` for an item that is none: its page is then asked for again, a few times. */
  readonly check?: (item: JsonObject) => void;
  /** Items in one page, at least 2. Default: 250, the most that every list of n8n takes. */
  readonly pageSize?: number;
}

/**
 * Lists everything of a cursor-paged list, although items are created, changed and deleted meanwhile: an item that
 * exists from the first request to the last is there exactly once. (One that is moved within the list by an edit in
 * every single pass, each time past the position of the reading, could still be missed; nothing else can be.)
 * @returns the ids, each once, in the order of the last pass
 * @throws N8nError 'invalid-answer' where a list never ends, or keeps changing; and whatever the client throws
 */
export async function listAll(
  client: N8nClient,
  path: string,
  options: ListOptions = {},
): Promise<readonly string[]> {
  const found = new Found(options);
  const { query = {}, pageSize = 250, signal } = options;
  const onAnswer = (answer: { readonly date: number | undefined }): void => found.answered(answer.date);
  const check = (item: JsonObject): void => {
    found.reader.idOf(item);
    options.check?.(item);
  };
  const request: ListRequest = { client, path, query, pageSize, signal, check, onAnswer };
  return untilSettled(found, options, new PassReader(request, found.reader));
}

/** Reads by position with anchors while that works, and plainly once it has turned out not to. */
class PassReader {
  readonly name: string;
  readonly #request: ListRequest;
  readonly #reader: Reader;
  #positioned = true;

  constructor(request: ListRequest, reader: Reader) {
    this.name = request.path;
    this.#request = request;
    this.#reader = reader;
  }

  get positioned(): boolean {
    return this.#positioned;
  }

  async read(): Promise<Pass> {
    try {
      if (this.#positioned) return await anchoredPass(cursorList(this.#request), this.#reader);
    } catch (error) {
      if (!(error instanceof NotPositioned)) throw error;
      this.#positioned = false;
    }
    return plainPass(this.#request, this.#reader);
  }
}
