// Lists of n8n, read whole although items come, go and move while they are read.

import type { JsonObject } from '../../lib/json/json.ts';
import type { Logger } from '../../lib/logger.ts';
import { cursorList, NotPositioned, type ListRequest } from './page-source.ts';
import { anchoredPass, plainPass, type Pass, type Reader } from './pass.ts';
import { Found, untilSettled, type FoundOptions, type SettleOptions } from './settle.ts';
import { smallerPages } from '../http/too-large.ts';
import type { N8nClient, Query } from '../http/types.ts';

export interface ListOptions extends FoundOptions, SettleOptions {
  readonly query?: Query | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Throws N8nError `invalid-answer` for an item that is none: its page is then asked for again, a few times. */
  readonly check?: (item: JsonObject) => void;
  /** Items in one page, to begin with. Default: 250, the most that every list of n8n takes. */
  readonly pageSize?: number;
  /** Called when pages have to be smaller. */
  readonly logger?: Logger | undefined;
}

/**
 * Lists everything of a cursor-paged list, although items are created, changed and deleted meanwhile: an item that
 * exists from the first request to the last is there exactly once. (One that is moved within the list by an edit in
 * every single pass, each time past the position of the reading, could still be missed; nothing else can be.)
 * @returns the ids, each once, in the order of the last pass
 * @throws N8nError 'invalid-answer' where a list never ends, or keeps changing; 'answer-too-large' where not even a
 * single item can be taken; and whatever the client throws
 */
export async function listAll(client: N8nClient, path: string, options: ListOptions = {}): Promise<readonly string[]> {
  const found = new Found(options);
  const { query = {}, pageSize = 250, signal } = options;
  const onAnswer = (answer: { readonly date: number | undefined }): void => found.answered(answer.date);
  const check = (item: JsonObject): void => {
    found.reader.idOf(item);
    options.check?.(item);
  };
  const request: ListRequest = { client, path, query, pageSize, signal, check, onAnswer };
  return untilSettled(found, options, new PassReader(request, found.reader, options.logger));
}

/**
 * Reads by position with anchors while that works, and plainly once it has turned out not to. Where a page is too
 * large, the pass starts again with smaller ones, which the passes after it keep to.
 */
class PassReader {
  readonly name: string;
  readonly #reader: Reader;
  readonly #logger: Logger | undefined;
  #request: ListRequest;
  #takesPositions = true;

  constructor(request: ListRequest, reader: Reader, logger: Logger | undefined) {
    this.name = request.path;
    this.#request = request;
    this.#reader = reader;
    this.#logger = logger;
  }

  /** A page of one item has no room for an anchor. */
  get positioned(): boolean {
    return this.#takesPositions && this.#request.pageSize > 1;
  }

  async read(): Promise<Pass> {
    for (;;) {
      try {
        return await this.#readPass();
      } catch (error) {
        const pageSize = smallerPages(error, this.#request.pageSize, this.#logger);
        this.#request = { ...this.#request, pageSize };
      }
    }
  }

  async #readPass(): Promise<Pass> {
    try {
      if (this.positioned) return await anchoredPass(cursorList(this.#request), this.#reader);
    } catch (error) {
      if (!(error instanceof NotPositioned)) throw error;
      this.#takesPositions = false;
    }
    return plainPass(this.#request, this.#reader);
  }
}
