import { isJsonObject, type JsonObject } from '../../lib/json/json.ts';
import { N8nError, UNKNOWN_SHAPE_REMEDY } from '../http/errors.ts';
import { inTurn } from '../http/large-answers.ts';
import { requireItems, type PositionedList } from './page-source.ts';
import { Found, untilSettled } from './settle.ts';
import { anchoredPass } from './pass.ts';
import { segment, type N8nClient } from '../http/types.ts';

/** Folders in one page; n8n sets no limit of its own here (2.41.1) and gives 10 unless asked. */
const PAGE_SIZE = 250;

/**
 * All folders of a project, each once, as consistent as listAll makes it. They page with `skip` and `take`, oldest
 * first, so that a new one is added at the end and moves nothing.
 * @param check throws N8nError 'invalid-answer' for a folder that is none
 * @throws N8nError as listAll does; 'not-found' where there is no such project, 'licence' without feat:folders
 */
export async function listFolders(
  client: N8nClient,
  projectId: string,
  check: (folder: JsonObject) => void,
  signal?: AbortSignal,
): Promise<readonly JsonObject[]> {
  const folders = new Map<string, JsonObject>();
  const found = new Found({
    onPage: (items) => {
      for (const item of items) folders.set(found.reader.idOf(item), item);
    },
  });
  const checkItem = (folder: JsonObject): void => {
    found.reader.idOf(folder);
    check(folder);
  };
  const path = `/projects/${segment(projectId)}/folders`;
  const list = folderList(client, path, found, checkItem, signal);
  const passes = { name: list.name, positioned: true, read: () => anchoredPass(list, found.reader) };
  const ids = await untilSettled(found, { confirm: 'always' }, passes);
  return ids.map((id) => folders.get(id)).filter((folder) => folder !== undefined);
}

function folderList(
  client: N8nClient,
  path: string,
  found: Found,
  check: (folder: JsonObject) => void,
  signal: AbortSignal | undefined,
): PositionedList {
  return {
    name: path,
    pageSize: PAGE_SIZE,
    at: (offset) =>
      inTurn(async (turn) => {
        const answer = await client.get(path, {
          query: { skip: offset, take: PAGE_SIZE, sortBy: 'createdAt:asc' },
          onAnswer: ({ date }) => found.answered(date),
          check: (value) => toPage(value, path).items.forEach(check),
          turn,
          ...(signal === undefined ? {} : { signal }),
        });
        const { items, count } = toPage(answer, path);
        return { items, more: offset + items.length < count };
      }),
  };
}

function toPage(answer: unknown, path: string): { items: JsonObject[]; count: number } {
  const { data, count } = isJsonObject(answer) ? answer : {};
  const items = requireItems(data, path);
  if (typeof count !== 'number') throw countMissing(path);
  return { items, count };
}

function countMissing(path: string): N8nError {
  return new N8nError('invalid-answer', `the answer to GET ${path} has no count`, {
    request: `GET ${path}`,
    remedy: UNKNOWN_SHAPE_REMEDY,
  });
}
