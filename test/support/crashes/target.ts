import { MemoryStore } from '../memory-store.ts';
import { clientFor, latestFiles, takeBackup } from '../backup.ts';
import { startStandIn, type StandIn } from '../stand-in/start.ts';

/** An n8n to restore into, with a workflow and a tag of its own that no restore may lose. */
export async function startTarget(): Promise<StandIn> {
  const target = await startStandIn({ licensed: true, seed: 'copy' });
  const client = clientFor(target);
  await client.post('/tags', { name: 'of the target' });
  await client.post('/workflows', { name: 'Of the target', nodes: [], connections: {}, settings: {} });
  await client.close();
  return target;
}

/**
 * Everything that an instance holds, by path, without what differs when the same is done at another time: times, and
 * the ids of rows, which n8n hands out.
 */
export async function contentOf(instance: StandIn): Promise<Map<string, string>> {
  const store = new MemoryStore();
  await takeBackup(instance, { store });
  const files = await latestFiles(store);
  const content = new Map<string, string>();
  for (const [path, text] of files) {
    const timeless = text.replaceAll(/"(createdAt|updatedAt)": ?"[^"]*",?/g, '');
    content.set(path, path.endsWith('.ndjson') ? timeless.replaceAll(/"id": ?\d+,?/g, '') : timeless);
  }
  return content;
}
