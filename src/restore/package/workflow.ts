import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { isJsonObject, type JsonObject } from '../../lib/json/json.ts';

/** A workflow inside a package. */
export interface PackagedWorkflow {
  readonly id: string;
  readonly name: string;
  /** Tags that the package carries and that the workflow gets. */
  readonly tagIds: readonly string[];
  readonly file: JsonObject;
  /**
   * Whether the package carries the workflow's nodes as they are. Where n8n's package format cannot hold them, it
   * brings an empty workflow of that id, and an update has to fill it.
   */
  readonly whole: boolean;
}

/** What runs, and its settings: what a package can hold of a workflow. */
export interface WorkflowContent {
  readonly nodes: JsonObject[];
  readonly connections: JsonObject;
  readonly nodeGroups: JsonObject[];
}

/** Makes the package's file of a workflow; of one that the format cannot hold, an empty one. */
export function packageWorkflow(
  workflow: {
    readonly id: string;
    readonly name: string;
    readonly settings: JsonObject;
    readonly tagIds: string[];
  },
  content: WorkflowContent,
): PackagedWorkflow {
  const { id, name, settings, tagIds } = workflow;
  const whole = fits(content);
  const carried = whole ? content : { nodes: [], connections: {}, nodeGroups: [] };
  return {
    id,
    name,
    tagIds,
    whole,
    file: { id, name, ...carried, settings, parentFolderId: null, isArchived: false, tagIds },
  };
}

/**
 * n8n reads a package's workflow by a schema that passes over members of nodes that it does not know, and refuses the
 * whole package over a member of another type (docs/internal/n8n-api-notes.md, "Package import"). A content fits when
 * that schema would keep all of it.
 */
function fits(content: WorkflowContent): boolean {
  if (content.nodes.some(callsByUrl)) return false;
  const parsed = contentSchema.safeParse(content);
  return parsed.success && isDeepStrictEqual(parsed.data, content);
}

/**
 * The members of nodes that n8n's package format does not know, sorted: what n8n added to nodes since 2.41.1, mostly.
 * A workflow that has any comes back empty, and gets its nodes by a request of its own.
 */
export function unknownNodeMembers(nodes: readonly JsonObject[]): string[] {
  const unknown = nodes.flatMap(Object.keys).filter((member) => !Object.hasOwn(node.shape, member));
  return [...new Set(unknown)].sort();
}

/** Import replaces the URL of a sub-workflow by its id, and leaves the mode: the node would call nothing any more. */
function callsByUrl({ parameters }: JsonObject): boolean {
  const workflowId = isJsonObject(parameters) ? parameters.workflowId : undefined;
  return isJsonObject(workflowId) && workflowId.mode === 'url';
}

const credential = z.object({
  id: z.string().nullable(),
  name: z.string(),
  __aiGatewayManaged: z.boolean().optional(),
});

const node = z.object({
  id: z.string().min(1),
  name: z.string().min(1),
  type: z.string().min(1),
  typeVersion: z.number(),
  position: z.tuple([z.number(), z.number()]),
  parameters: z.custom<JsonObject>(isJsonObject),
  credentials: z.record(z.string(), credential).optional(),
  disabled: z.boolean().optional(),
  notes: z.string().optional(),
  notesInFlow: z.boolean().optional(),
  continueOnFail: z.boolean().optional(),
  retryOnFail: z.boolean().optional(),
  maxTries: z.number().optional(),
  waitBetweenTries: z.number().optional(),
  alwaysOutputData: z.boolean().optional(),
  executeOnce: z.boolean().optional(),
  onError: z.string().optional(),
  webhookId: z.string().optional(),
});

const target = z.object({ node: z.string(), type: z.string(), index: z.number() });

const contentSchema = z.object({
  nodes: z.array(node),
  connections: z.record(z.string(), z.record(z.string(), z.array(z.array(target).nullable()))),
  nodeGroups: z.array(
    z.object({
      id: z.string().min(1),
      name: z.string().min(1),
      nodeIds: z.array(z.string().min(1)),
      description: z.string().optional(),
    }),
  ),
});
