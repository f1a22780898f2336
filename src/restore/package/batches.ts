import type { PackagedWorkflow } from './workflow.ts';

/**
 * A package is one request and one transaction of n8n: 200 workflows take it 2.5 s (docs/internal/n8n-api-notes.md,
 * Import).
 */
const MAX_WORKFLOWS = 200;

/**
 * Workflows in batches for one package each: at most 200 of them, and at most `maxBytes` of their files (before
 * compression) unless a single one is larger. A workflow is asked for only when its batch is.
 */
export function* inBatches<K>(
  workflows: Iterable<readonly [K, PackagedWorkflow]>,
  maxBytes: number,
): Generator<Map<K, PackagedWorkflow>> {
  let batch = new Map<K, PackagedWorkflow>();
  let room = maxBytes;
  for (const [key, workflow] of workflows) {
    const bytes = Buffer.byteLength(JSON.stringify(workflow.file));
    if (batch.size > 0 && (batch.size >= MAX_WORKFLOWS || bytes > room)) {
      yield batch;
      batch = new Map();
      room = maxBytes;
    }
    batch.set(key, workflow);
    room -= bytes;
  }
  if (batch.size > 0) yield batch;
}
