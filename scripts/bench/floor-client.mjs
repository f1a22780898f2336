// The floor: a bare client that makes recorded requests again and throws the answers away, with the concurrency and the
// rate that flowkeep was given. Plain JavaScript, so that nothing but Node itself has to be loaded.
//
//   node floor-client.mjs URL REQUESTS.json CONCURRENCY REQUESTS_PER_SECOND
//
// Prints {"seconds", "requests", "bytes"} of the requests alone, without the start of the process.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const [url, file, concurrency, perSecond] = process.argv.slice(2);
const queue = makeQueue(JSON.parse(readFileSync(file, 'utf8')));
const starts = [];
let requests = 0;
let bytes = 0;

const started = performance.now();
await Promise.all(Array.from({ length: Number(concurrency) }, worker));
const seconds = (performance.now() - started) / 1000;
process.stdout.write(JSON.stringify({ seconds, requests, bytes }));

async function worker() {
  for (let next = await queue.take(); next !== undefined; next = await queue.take()) {
    await pace();
    await send(next);
    queue.done(next);
  }
}

async function send({ method, path, headers, bodyBase64, status }) {
  const body = bodyBase64 === undefined ? undefined : Buffer.from(bodyBase64, 'base64');
  const response = await fetch(url + path, { method, headers, body, redirect: 'manual' });
  bytes += (await response.arrayBuffer()).byteLength;
  requests++;
  if (response.status !== status) {
    throw new Error(`${method} ${path} answered ${response.status}; when it was recorded it was ${status}`);
  }
}

/** No more than so many requests begin in any one second. */
async function pace() {
  const oldest = starts.length < Number(perSecond) ? undefined : starts.shift();
  if (oldest !== undefined) await delay(Math.max(0, oldest + 1000 - performance.now()));
  starts.push(performance.now());
}

/** Hands requests out in their order; of one chain only one at a time, the next when the one before is done. */
function makeQueue(list) {
  const chains = new Map();
  for (const [index, request] of list.entries()) {
    const chain = chains.get(request.chain) ?? [];
    chains.set(request.chain, chain);
    chain.push({ ...request, index });
  }
  for (const chain of chains.values()) chain.reverse();
  // The next ones of all chains, the first to be made at the end.
  const ready = [...chains.values()].map((chain) => chain.pop()).sort((a, b) => b.index - a.index);
  const waiting = [];
  let left = list.length;
  const offer = (request) => {
    const place = ready.findLastIndex(({ index }) => index > request.index);
    ready.splice(place + 1, 0, request);
    waiting.shift()?.(ready.pop());
  };
  return {
    async take() {
      if (ready.length > 0) return ready.pop();
      return left === 0 ? undefined : new Promise((resolve) => waiting.push(resolve));
    },
    done({ chain }) {
      const next = chains.get(chain).pop();
      if (next !== undefined) offer(next);
      left--;
      if (left === 0) for (const resolve of waiting.splice(0)) resolve(undefined);
    },
  };
}
