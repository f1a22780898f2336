import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RecordedRequest } from './recorder.ts';
import { run } from './run.ts';

const CLIENT = fileURLToPath(new URL('floor-client.mjs', import.meta.url));

/** How many requests at the same time and in any second, for flowkeep and for the bare client alike. */
export const CONCURRENCY = 4;
/** The most that flowkeep's config takes: by default it holds itself back to 50, which is not what is measured. */
export const REQUESTS_PER_SECOND = 1000;

/** The same requests again, by a bare client. */
export interface Floor {
  readonly requests: readonly RecordedRequest[];
  measure(): Promise<FloorRun>;
}

export interface FloorRun {
  /** The requests alone. */
  readonly seconds: number;
  /** The process of the bare client, with the start of Node. */
  readonly processSeconds: number;
}

/** @param folder an existing one for the list of requests, which gets the name */
export async function makeFloor(
  folder: string,
  name: string,
  url: string,
  requests: readonly RecordedRequest[],
): Promise<Floor> {
  if (requests.length === 0) throw new Error(`nothing was recorded for the floor ${name}`);
  const file = join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify(requests), { mode: 0o600 });
  const args = [CLIENT, url, file, String(CONCURRENCY), String(REQUESTS_PER_SECOND)];
  return {
    requests,
    async measure() {
      const done = await run({ file: process.execPath, args, cwd: folder, env: {} });
      const told = JSON.parse(done.stdout) as { seconds: number; requests: number };
      if (told.requests !== requests.length) throw new Error(`the floor ${name} made ${told.requests} requests`);
      return { seconds: told.seconds, processSeconds: done.seconds };
    },
  };
}

/** What the requests were, for people: `900 details of workflows, 12 lists and others`. */
export function describeRequests(requests: readonly RecordedRequest[]): string {
  const details = requests.filter(({ method, path }) => method === 'GET' && /\/workflows\/[^?]/.test(path)).length;
  const rows = requests.filter(({ path }) => /\/data-tables\/[^/]+\/rows/.test(path)).length;
  const packages = requests.filter(({ path }) => path.includes('/n8n-packages/import')).length;
  const parts = [
    [details, 'details of workflows'],
    [rows, 'pages of rows'],
    [packages, 'imports of packages'],
    [requests.length - details - rows - packages, 'lists and others'],
  ] as const;
  return parts.flatMap(([count, name]) => (count > 0 ? [`${count} ${name}`] : [])).join(', ');
}
