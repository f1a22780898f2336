import { isN8nError } from '../../../n8n/http/errors.ts';
import { segment } from '../../../n8n/http/types.ts';
import { KIND, NODE_PACKAGES } from '../../../kinds/kinds.ts';
import type { Action } from '../../plan/types.ts';
import type { PlainWork } from '../../plan/work.ts';
import type { Actions } from '../actions.ts';
import type { ApplyContext } from '../context.ts';

/** n8n installs a package with npm before it answers: milliseconds that it gets for that. */
const INSTALL_MS = 300_000;

/** Installs what the plan names, which it does with `--install-packages` alone. */
export async function applyPackages({ actions, client }: ApplyContext): Promise<void> {
  const { path } = KIND[NODE_PACKAGES];
  const options = { timeoutMs: INSTALL_MS };
  await actions.attemptEach(actions.creations(NODE_PACKAGES), (action) =>
    verifiedFirst(actions, action, (more) =>
      client.post(path, { name: action.sourceId, ...versionOf(action.work), ...more }, options),
    ),
  );
  await actions.attemptEach(actions.updates(NODE_PACKAGES), (action) =>
    verifiedFirst(actions, action, (more) =>
      client.patch(`${path}/${segment(action.targetId)}`, { ...versionOf(action.work), ...more }, options),
    ),
  );
}

function versionOf({ version }: PlainWork): { version?: string } {
  return typeof version === 'string' ? { version } : {};
}

/**
 * n8n's API installs only verified packages unless the request says otherwise. The package was installed on the
 * instance that the snapshot is of, and the user asked for it, so an unverified one is installed too, and said to be.
 */
async function verifiedFirst(
  { outcomes }: Actions,
  { key }: Action,
  install: (more: { readonly verify?: false }) => Promise<unknown>,
): Promise<void> {
  try {
    await install({});
  } catch (error) {
    if (!isN8nError(error, 'refused') || !/not (vetted|verified)/.test(error.reason ?? '')) throw error;
    await install({ verify: false });
    outcomes.note(key, 'installed although n8n has not verified it, as it was in the snapshot');
  }
}
