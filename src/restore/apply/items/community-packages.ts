import { isN8nError } from '../../../n8n/http/errors.ts';
import { segment } from '../../../n8n/http/types.ts';
import { creationsOf, updatesOf } from '../actions.ts';
import { attempt } from '../attempt.ts';
import type { ApplyContext } from '../context.ts';

/** n8n installs a package with npm before it answers: milliseconds that it gets for that. */
const INSTALL_MS = 300_000;

/** Installs what the plan names, which it does with `--install-packages` alone. */
export async function applyCommunityPackages(context: ApplyContext): Promise<void> {
  const { client, signal } = context;
  const options = { signal, timeoutMs: INSTALL_MS };
  for (const action of creationsOf(context, 'community-packages')) {
    const body = { name: action.sourceId, ...versionOf(action.work) };
    await attempt(context, action, () =>
      verifiedFirst(context, action.key, (more) =>
        client.post('/community-packages', { ...body, ...more }, options),
      ),
    );
  }
  for (const action of updatesOf(context, 'community-packages')) {
    const path = `/community-packages/${segment(action.targetId)}`;
    await attempt(context, action, () =>
      verifiedFirst(context, action.key, (more) =>
        client.patch(path, { ...versionOf(action.work), ...more }, options),
      ),
    );
  }
}

function versionOf({ version }: { readonly version: string | null }): { version?: string } {
  return version === null ? {} : { version };
}

/**
 * n8n's API installs only verified packages unless the request says otherwise. The package was installed on the
 * instance that the snapshot is of, and the user asked for it, so an unverified one is installed too, and said to be.
 */
async function verifiedFirst(
  context: ApplyContext,
  key: string,
  install: (more: { readonly verify?: false }) => Promise<unknown>,
): Promise<void> {
  try {
    await install({});
  } catch (error) {
    if (!isN8nError(error, 'refused') || !/not (vetted|verified)/.test(error.reason ?? '')) throw error;
    await install({ verify: false });
    context.outcomes.note(key, 'installed although n8n has not verified it, as it was in the snapshot');
  }
}
