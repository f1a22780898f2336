import { creationsOf, updatesOf } from './actions.ts';
import { attempt } from './attempt.ts';
import type { ApplyContext } from './context.ts';
import { segment } from '../../n8n/types.ts';

/** n8n installs a package with npm before it answers: milliseconds that it gets for that. */
const INSTALL_MS = 300_000;

/** Installs what the plan names, which it does with `--install-packages` alone. */
export async function applyCommunityPackages(context: ApplyContext): Promise<void> {
  const { client, signal } = context;
  for (const action of creationsOf(context, 'community-packages')) {
    await attempt(context, action, async () => {
      const version = action.work.version === null ? {} : { version: action.work.version };
      const body = { name: action.sourceId, ...version };
      await client.post('/community-packages', body, { signal, timeoutMs: INSTALL_MS });
    });
  }
  for (const action of updatesOf(context, 'community-packages')) {
    await attempt(context, action, async () => {
      const body = action.work.version === null ? {} : { version: action.work.version };
      const path = `/community-packages/${segment(action.targetId)}`;
      await client.patch(path, body, { signal, timeoutMs: INSTALL_MS });
    });
  }
}
