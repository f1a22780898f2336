import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Environment variables with which a Node process writes a CPU profile when it ends; the last run of a label stays. */
export function profilingOptions(folder: string, label: string): Record<string, string> {
  const name = `${label.replaceAll(/[^a-z0-9]+/gi, '-')}.cpuprofile`;
  return { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder} --cpu-prof-name=${name}` };
}

/** One line of a table: what, and the milliseconds that it was at work itself, without what it called. */
export type SelfTime = readonly [what: string, ms: number];

export interface ProfileSummary {
  readonly file: string;
  readonly totalMs: number;
  readonly functions: readonly SelfTime[];
  readonly modules: readonly SelfTime[];
}

/** Reads every profile of a folder, by name. */
export async function readProfiles(folder: string, top: number): Promise<ProfileSummary[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile')).sort();
  return Promise.all(
    files.map(async (name) => {
      const file = join(folder, name);
      return { file, ...summariseProfile(JSON.parse(await readFile(file, 'utf8')) as CpuProfile, top) };
    }),
  );
}

/** V8's format: a tree of functions, and which of them was at work at each sample. Times in microseconds. */
interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}

function summariseProfile({ nodes, samples, timeDeltas }: CpuProfile, top: number): Omit<ProfileSummary, 'file'> {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const functions = new Map<string, number>();
  const modules = new Map<string, number>();
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const frame = byId.get(id);
    const ms = (timeDeltas[index] ?? 0) / 1000;
    if (frame === undefined) continue;
    total += ms;
    const module = moduleOf(frame);
    const name = frame.functionName || '(top level)';
    add(functions, frame.url === '' ? name : `${name} ${place(frame.url)}:${frame.lineNumber + 1}`, ms);
    add(modules, module, ms);
  }
  return { totalMs: total, functions: largest(functions, top), modules: largest(modules, top) };
}

/** `(garbage collector)`, `(idle)` and other states of V8 have no file, and stand for themselves. */
function moduleOf({ url, functionName }: ProfileNode['callFrame']): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'V8 itself';
  if (url.startsWith('node:')) return url;
  const dependency = /node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules\/)/.exec(url)?.[1];
  return dependency ?? place(url);
}

/** The end of a path or URL: enough to find the file. */
function place(url: string): string {
  return url.startsWith('node:') ? url : url.split('/').slice(-3).join('/');
}

function add(sums: Map<string, number>, key: string, ms: number): void {
  sums.set(key, (sums.get(key) ?? 0) + ms);
}

function largest(sums: ReadonlyMap<string, number>, top: number): SelfTime[] {
  return [...sums].sort(([, a], [, b]) => b - a).slice(0, top);
}
