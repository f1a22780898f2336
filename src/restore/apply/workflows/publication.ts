import { isN8nError } from '../../../n8n/http/errors.ts';
import { segment } from '../../../n8n/http/types.ts';
import type { ApplyContext } from '../context.ts';

/** Makes the draft live: `publish`, or `activate` on an n8n before 2.0, which knows no other version than the draft. */
export async function publish(context: ApplyContext, id: string): Promise<void> {
  await post(context, id, 'publish', 'activate');
}

/** Takes a workflow out of service. Nothing happens where it is not live. */
export async function unpublish(context: ApplyContext, id: string): Promise<void> {
  await post(context, id, 'unpublish', 'deactivate');
}

async function post(context: ApplyContext, id: string, request: string, older: string): Promise<void> {
  const { client, signal } = context;
  const options = { signal, idempotent: true };
  try {
    await client.post(`/workflows/${segment(id)}/${request}`, {}, options);
  } catch (error) {
    if (!isN8nError(error, 'too-old')) throw error;
    await client.post(`/workflows/${segment(id)}/${older}`, {}, options);
  }
}
