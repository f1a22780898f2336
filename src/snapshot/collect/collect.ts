// Reads an instance into the files of a snapshot, one collector for each kind. What cannot be read is carried
// over from the snapshot before; nothing here knows a store.

import { FlowkeepError, InterruptedError } from '../../lib/errors.ts';
import { isInstanceGone } from '../../n8n/http/errors.ts';
import { listAll } from '../../n8n/list/paginate.ts';
import type { N8nClient } from '../../n8n/http/types.ts';
import type { Kind } from '../../kinds/kinds.ts';
import { parseProject, type Project } from '../../kinds/projects.ts';
import { addReadme } from '../readme/add-readme.ts';
import { partOf, README_PATH } from '../format/paths.ts';
import { liveView, type SnapshotView } from '../format/snapshot-view.ts';
import { isoSeconds } from '../../lib/time.ts';
import type { SpooledFile } from '../../lib/spool.ts';
import type { CollectContext, WorkflowContent } from './context.ts';
import { StagedFiles } from './staged-files.ts';
import type { CollectOptions } from './collect-options.ts';
import { COLLECTORS } from './collectors.ts';
import { collectWorkflows } from './workflows.ts';
import { readServer, type ServerAnswers } from './server.ts';
import { buildHeader } from './build-header.ts';
import { carryOver } from './carry-over.ts';
import { failureOf, type KindOutcome } from './outcome.ts';

/** Everything that was read in one run, on disk, not yet saved anywhere. Dispose it after the stores have it. */
export interface Collected extends SnapshotView, Disposable {
  /** Every file but `flowkeep.json`. */
  readonly files: ReadonlyMap<string, SpooledFile>;
  /** Names for people, by path. */
  readonly names: ReadonlyMap<string, string>;
  /** What it was compared with: the snapshot before it. */
  readonly base: SnapshotView | null;
  /** Paths whose bytes the base has at the same place. */
  readonly unchanged: ReadonlySet<string>;
  /**
   * Those of them that were carried over unread, because the base is encrypted: they can be saved in the store of the
   * base alone.
   */
  readonly kept: ReadonlySet<string>;
  /** Paths whose bytes may hold a marker, saved or typed; of `kept` it is not known. */
  readonly marked: ReadonlySet<string>;
}

/**
 * Reads an instance. A kind that cannot be read is carried over from the base and marked; an instance that is gone
 * ends the run.
 * @throws N8nError where the instance does not answer or the key is wrong; FlowkeepError `spool` where the disk is
 * full; InterruptedError
 */
export async function collect(options: CollectOptions): Promise<Collected> {
  const spool = options.openSpool();
  try {
    const staged = new StagedFiles(spool, options);
    const { outcomes, server } = await readKinds(options, staged);
    await carryOver(options, outcomes, staged);
    staged.resolveCollisions();
    if (options.kinds.includes('workflows') && !options.compareOnly) await stageReadme(options, staged);
    const header = buildHeader(options, outcomes, server);
    return {
      ...liveView(header, staged.files, isoSeconds(options.startedAt)),
      names: staged.names,
      base: options.base,
      unchanged: staged.unchanged,
      kept: staged.kept,
      marked: staged.marked,
      [Symbol.dispose]: () => spool[Symbol.dispose](),
    };
  } catch (error) {
    spool[Symbol.dispose]();
    throw error;
  }
}

/** The page is made of the workflows; where those could not be read at all, that of the base still fits them. */
async function stageReadme({ instance, base }: CollectOptions, staged: StagedFiles): Promise<void> {
  const unread = [...staged.kept].some((path) => partOf(path) === 'workflows');
  if (!unread) await addReadme(instance, staged);
  else if (base?.sealed && base.files.has(README_PATH)) staged.keep(README_PATH, base.sealed.keep(README_PATH));
}

interface Reading {
  readonly outcomes: Map<Kind, KindOutcome>;
  readonly server: ServerAnswers;
}

async function readKinds(options: CollectOptions, staged: StagedFiles): Promise<Reading> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const outcomes = new Map<Kind, KindOutcome>();
  const context = makeContext(options, staged, signal);
  options.progress.start(`Reading ${options.instance}`);
  const tasks = options.kinds.map(async (kind) => {
    try {
      outcomes.set(kind, { content: await COLLECTORS[kind](context, kind) });
    } catch (error) {
      if (endsTheRun(error)) throw error;
      outcomes.set(kind, { failure: failureOf(error) });
    }
  });
  try {
    const server = readServer(context);
    await Promise.all([server, ...tasks]);
    return { outcomes, server: await server };
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(tasks);
    throw error;
  } finally {
    options.progress.done();
  }
}

/** Without the instance, the disk or the user's will to go on, no other kind can be read either. */
function endsTheRun(error: unknown): boolean {
  if (isInstanceGone(error) || error instanceof InterruptedError) return true;
  return error instanceof FlowkeepError && error.code === 'spool';
}

function makeContext(options: CollectOptions, staged: StagedFiles, signal: AbortSignal): CollectContext {
  const done = new Map<Kind, number>();
  let projects: Promise<Project[]> | undefined;
  let workflows: Promise<WorkflowContent> | undefined;
  const first = Promise.withResolvers<string | null>();
  const context: CollectContext = {
    ...options,
    signal,
    staged,
    projects: () => (projects ??= readProjects(options.client, signal)),
    // Folders need to know the workflows; both get the one reading of them.
    workflows: () => (workflows ??= options.kinds.includes('workflows') ? collectWorkflows(context) : noWorkflows()),
    listed: (workflowId) => first.resolve(workflowId),
    firstWorkflow: () => {
      const none = (): void => first.resolve(null);
      context.workflows().then(none, none);
      return first.promise;
    },
    report: (kind, count) => {
      done.set(kind, count);
      options.progress.update([...done.values()].reduce((sum, each) => sum + each, 0));
    },
  };
  return context;
}

async function noWorkflows(): Promise<WorkflowContent> {
  return { items: 0, owners: new Map() };
}

async function readProjects(client: N8nClient, signal: AbortSignal): Promise<Project[]> {
  const projects = new Map<string, Project>();
  const ids = await listAll(client, '/projects', {
    signal,
    check: (project) => void parseProject(project),
    onPage: (page) => {
      for (const project of page.map(parseProject)) projects.set(project.id, project);
    },
  });
  return ids.flatMap((id) => projects.get(id) ?? []);
}
