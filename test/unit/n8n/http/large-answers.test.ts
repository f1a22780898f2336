import { describe, expect, it } from 'vitest';
import { InterruptedError } from '../../../../src/lib/errors.ts';
import { LargeResponseLock, LARGE_BYTES } from '../../../../src/n8n/http/large-answers.ts';
import { listAll } from '../../../../src/n8n/list/paginate.ts';
import type { N8nClient } from '../../../../src/n8n/http/types.ts';
import { n8nErrorOf, testClient } from '../support/client.ts';
import { sendJson, startServer, type TestServer } from '../support/server.ts';
import { readRows } from '../../../../src/n8n/list/rows.ts';

/** Far more than the buffers between server and client hold. */
const text = 'x'.repeat(16 * LARGE_BYTES);
const never = new AbortController().signal;

/** Every answer is large, but that of `/small`; as a list it has one item. */
function serveLarge(): Promise<TestServer> {
  return startServer((request, response) => {
    const isSmall = request.target.endsWith('/small');
    sendJson(response, isSmall ? {} : { data: [{ id: 1, text }], nextCursor: null });
  });
}

/** Gives whatever is under way the time of so many answers. */
async function pass(client: N8nClient): Promise<void> {
  for (let count = 0; count < 50; count++) await client.get('/small');
}

/** Resolves when nobody has the turn. */
async function turnIsFree(): Promise<void> {
  using turn = new LargeResponseLock();
  await turn.take(never);
}

describe('the turn of large answers', () => {
  it('the turn of large answers is given to one at a time, first come, first served', async () => {
    const turns = [new LargeResponseLock(), new LargeResponseLock(), new LargeResponseLock()];
    const taken: number[] = [];
    const waiting = turns.map(async (turn, index) => {
      await turn.take(never);
      taken.push(index);
    });
    for (const [index, turn] of turns.entries()) {
      await waiting[index];
      expect(taken).toEqual([0, 1, 2].slice(0, index + 1));
      turn.release();
    }
  });

  it('the turn of large answers goes past those who were told to stop', async () => {
    using first = new LargeResponseLock();
    await first.take(never);
    const stop = new AbortController();
    const second = new LargeResponseLock().take(stop.signal);
    stop.abort();
    await expect(second).rejects.toThrow(InterruptedError);
    first.release();
    await turnIsFree();
  });

  it('the turn of large answers is not kept by those who were disposed of while they waited for it', async () => {
    using first = new LargeResponseLock();
    await first.take(never);
    const second = new LargeResponseLock();
    const waiting = second.take(never);
    second[Symbol.dispose]();
    first.release();
    await waiting;
    await turnIsFree();
  });
});

describe('a large answer', () => {
  it('a large answer waits for its turn, and small ones do not', async () => {
    await using server = await serveLarge();
    const client = testClient(server.url);
    using turn = new LargeResponseLock();
    await turn.take(never);
    const events: string[] = [];
    const large = ['/a', '/b'].map(async (path) => {
      await client.get(path);
      events.push('large');
    });
    await pass(client);
    events.push('released');
    turn.release();
    await Promise.all(large);
    expect(events).toEqual(['released', 'large', 'large']);
    await turnIsFree();
  });

  it('an answer of few bytes that holds many values waits for its turn as well', async () => {
    await using server = await startServer((request, response) => {
      const data = request.target.endsWith('/small') ? [] : Array.from({ length: 250_000 }, () => ({}));
      sendJson(response, { data });
    });
    const client = testClient(server.url);
    using turn = new LargeResponseLock();
    await turn.take(never);
    const events: string[] = [];
    const many = ['/a', '/b'].map(async (path) => {
      await client.get(path);
      events.push('many');
    });
    await pass(client);
    events.push('released');
    turn.release();
    await Promise.all(many);
    expect(events).toEqual(['released', 'many', 'many']);
    await turnIsFree();
  });

  it('a large answer is given up while it waits, when the signal aborts', async () => {
    await using server = await serveLarge();
    const client = testClient(server.url);
    using turn = new LargeResponseLock();
    await turn.take(never);
    const stop = new AbortController();
    const large = client.get('/a', { signal: stop.signal });
    const failed = expect(large).rejects.toThrow(InterruptedError);
    await pass(client);
    stop.abort();
    await failed;
    turn.release();
    await turnIsFree();
    await expect(client.get('/b')).resolves.toMatchObject({ nextCursor: null });
  });

  it('a large answer of a listing keeps its turn while the page is worked on', async () => {
    await using server = await serveLarge();
    const client = testClient(server.url);
    const events: string[] = [];
    let other: Promise<unknown> = Promise.resolve();
    await listAll(client, '/workflows', {
      onPage: async () => {
        other = turnIsFree().then(() => events.push('free'));
        await pass(client);
        events.push('worked');
      },
    });
    await other;
    expect(events).toEqual(['worked', 'free']);
  });

  it('a large answer of a listing leaves no turn behind where the work on it fails', async () => {
    await using server = await serveLarge();
    const fail = (): never => {
      throw new Error('no room');
    };
    const client = testClient(server.url);
    await expect(listAll(client, '/workflows', { onPage: fail })).rejects.toThrow('no room');
    const rows = readRows(client, 't1', { pageSize: 1 });
    await rows.next();
    await rows.return();
    await turnIsFree();
  });

  it('a large answer that does not end in time is given up, so that others have their turn', async () => {
    await using server = await startServer((_request, response) => {
      response.write(Buffer.alloc(LARGE_BYTES + 1, ' '));
    });
    const timeouts = { largeBodyMs: 50, deadlineMs: 0 };
    const error = await n8nErrorOf(testClient(server.url, { timeouts }).get('/a'));
    expect(error.message).toContain('did not come to the end of a large answer in 0.05 s');
    await turnIsFree();
  });
});
