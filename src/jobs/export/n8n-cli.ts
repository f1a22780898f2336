import { canonicalJson, isJsonObject, type JsonObject } from '../../lib/json/json.ts';
import { omit, pick } from '../../kinds/fields.ts';
import { damagedFile, parseSnapshotFile } from '../../snapshot/format/damaged-file.ts';
import { parsePath, publishedBeside } from '../../snapshot/format/paths.ts';
import { plainView } from '../../snapshot/treat/plain-view.ts';
import { countOne, readBatches, type ExportedFile, type ExportFormat, type ExportRun } from './format.ts';
import { cliReadme } from './n8n-cli-readme.ts';

/** Workflows read in one go, with their static data. */
const BATCH = 100;
/** What runs: the members in which a live version differs from the draft. */
const CONTENT = ['nodes', 'connections', 'nodeGroups'];

/**
 * What `n8n import:credentials --separate` and `n8n import:workflow --separate` take, with a README that tells the
 * commands (docs/internal/n8n-api-notes.md, "import:workflow" and "import:credentials"). What n8n's command line does
 * not take is in `other/` as the snapshot has it, so that nothing is missing.
 */
export class N8nCliFormat implements ExportFormat {
  readonly counts = new Map<string, number>();
  readonly notes: string[] = [];
  /** Ids of the workflows that were live, callers and callees in no order. */
  readonly #live: string[] = [];

  async *files(run: ExportRun): AsyncGenerator<ExportedFile> {
    let done = 0;
    const paths = [...run.snapshot.files.keys()];
    for await (const file of this.#workflows(run, paths.filter(isDraft))) {
      yield file;
      run.progress(++done);
    }
    for await (const [path, content] of readBatches(run, paths.filter(isCredential))) {
      countOne(this.counts, 'credentials');
      yield [path, toStub(parseObject(run, path, content))];
      run.progress(++done);
    }
    for await (const [path, content] of readBatches(run, paths.filter(isOther))) {
      countOne(this.counts, 'other files');
      yield [`other/${path}`, content];
      run.progress(++done);
    }
    yield ['live-workflows.txt', Buffer.from(this.#live.map((id) => `${id}\n`).join(''))];
    yield ['README.txt', Buffer.from(cliReadme(run.snapshot, this.counts))];
  }

  async *#workflows(run: ExportRun, drafts: readonly string[]): AsyncGenerator<ExportedFile> {
    const companions = new Companions(run.snapshot.files.keys());
    const snapshot = plainView(run.snapshot);
    for (let start = 0; start < drafts.length; start += BATCH) {
      const batch = drafts.slice(start, start + BATCH);
      const wanted = batch.flatMap((path) => [path, ...companions.of(path)]);
      const objects = new Map<string, JsonObject>();
      for await (const [path, content] of snapshot.readMany(new Set(wanted), run.signal))
        objects.set(path, parseObject(run, path, content));
      for (const path of batch) yield* this.#workflow(path, objects, companions);
    }
  }

  *#workflow(path: string, objects: ReadonlyMap<string, JsonObject>, companions: Companions): Generator<ExportedFile> {
    const draft = objects.get(path) ?? {};
    const staticData = objects.get(companions.state(path) ?? '')?.staticData;
    // n8n keeps neither the folder of a workflow nor a version's number; activeVersion would break it.
    const importable = {
      ...omit(draft, ['shared', 'activeVersion', 'activeVersionId', 'parentFolder', 'parentFolderId']),
      ...(staticData === undefined ? {} : { staticData }),
    };
    if (draft.active === true && typeof draft.id === 'string') this.#live.push(draft.id);
    countOne(this.counts, 'workflows');
    yield [path, Buffer.from(canonicalJson(importable))];
    const published = objects.get(companions.published(path) ?? '');
    if (published === undefined) return;
    countOne(this.counts, 'live versions that differ from the draft');
    const name = path.slice('workflows/'.length);
    yield [`published/${name}`, Buffer.from(canonicalJson({ ...importable, ...pick(published, CONTENT) }))];
  }
}

/** Finds the files that belong to a draft. */
class Companions {
  readonly #paths: ReadonlySet<string>;
  readonly #states = new Map<string, string>();

  constructor(paths: Iterable<string>) {
    this.#paths = new Set(paths);
    for (const path of this.#paths) {
      const at = parsePath(path);
      if (at?.role === 'state') this.#states.set(at.id, path);
    }
  }

  of(draft: string): string[] {
    return [this.state(draft), this.published(draft)].filter((path) => path !== null);
  }

  state(draft: string): string | null {
    return this.#states.get(parsePath(draft)?.id ?? '') ?? null;
  }

  published(draft: string): string | null {
    const path = publishedBeside(draft);
    return this.#paths.has(path) ? path : null;
  }
}

function isDraft(path: string): boolean {
  return parsePath(path)?.role === 'draft';
}

function isCredential(path: string): boolean {
  return parsePath(path)?.role === 'credential';
}

/** The static data and the live versions are part of the workflows' own files. */
function isOther(path: string): boolean {
  const role = parsePath(path)?.role;
  return !(role === 'draft' || role === 'published' || role === 'state' || role === 'credential');
}

/** n8n requires `data`; an empty object becomes an empty secret, to be filled in the editor. */
function toStub({ id, name, type }: JsonObject): Uint8Array {
  return Buffer.from(canonicalJson({ id, name, type, data: {} }));
}

function parseObject({ snapshot }: ExportRun, path: string, content: Uint8Array): JsonObject {
  const value = parseSnapshotFile(path, content, snapshot.id);
  if (isJsonObject(value)) return value;
  throw damagedFile(path, snapshot.id, 'it is not a JSON object');
}
