import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONCURRENCY, makeFloor } from '../../../scripts/bench/floor.ts';
import type { RecordedRequest } from '../../../scripts/bench/recorder.ts';

let folder: string;
let asked: string[];
let atOnce: number;
let most: number;
let held: ServerResponse[];
/** Answers what waits as soon as so many requests wait, so that what may go side by side has to. */
let batch: number;

const server = createServer((request, response) => {
  asked.push(request.url ?? '');
  most = Math.max(most, ++atOnce);
  held.push(response);
  if (held.length < batch) return;
  for (const each of held.splice(0)) {
    atOnce--;
    each.end('{}');
  }
});
const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeEach(async () => {
  [asked, held, atOnce, most, batch] = [[], [], 0, 0, 1];
  folder = await mkdtemp(join(tmpdir(), 'flowkeep-floor-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('the bare client', () => {
  it('the bare client makes every request, side by side, up to the concurrency', async () => {
    batch = CONCURRENCY;
    const requests = Array.from({ length: 12 }, (_, index) => recorded(`/details/${index}`));
    const floor = await makeFloor(folder, 'details', url(), requests);
    const { seconds, processSeconds } = await floor.measure();
    expect(asked.toSorted()).toEqual(requests.map(({ path }) => path).toSorted());
    expect(most).toBe(CONCURRENCY);
    expect(processSeconds).toBeGreaterThan(seconds);
  });

  it('the bare client asks for the pages of a list one after another', async () => {
    const pages = ['/list?page=1', '/list?page=2', '/list?page=3'];
    const floor = await makeFloor(
      folder,
      'list',
      url(),
      pages.map((path) => recorded(path, { chain: '/list' })),
    );
    await floor.measure();
    expect(asked).toEqual(pages);
    expect(most).toBe(1);
  });

  it('the bare client fails where an answer is not what was recorded', async () => {
    const floor = await makeFloor(folder, 'gone', url(), [recorded('/gone', { status: 404 })]);
    await expect(floor.measure()).rejects.toThrow('GET /gone answered 200; when it was recorded it was 404');
  });
});

function recorded(path: string, changes: Partial<RecordedRequest> = {}): RecordedRequest {
  return { method: 'GET', path, headers: {}, status: 200, chain: path, ...changes };
}
