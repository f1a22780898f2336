import { plant } from '../secrets/planted.ts';

/** What n8n's editor does in a browser, done over HTTP: set up the owner, sign in, make API keys. */
export interface OwnerSession {
  /** Makes an API key that never expires, with these scopes, or with all that the owner may give. */
  createKey(scopes: readonly string[] | 'all'): Promise<string>;
  /** A request to the editor's own API (below `/rest`), for what the public API cannot do. */
  rest(method: string, path: string, body?: unknown): Promise<unknown>;
}

/** The owner of every n8n that the tests start. */
export const OWNER = { email: 'owner@flowkeep.test', password: plant('Flowkeep-owner-1', "the owner's password") };

/** Features of the Enterprise licence that flowkeep reads or writes, switched on in n8n's end-to-end mode. */
const LICENSED_FEATURES = [
  'feat:variables',
  'feat:projectRole:admin',
  'feat:projectRole:editor',
  'feat:projectRole:viewer',
  'feat:folders',
  'feat:sourceControl',
  'feat:sharing',
  'feat:advancedPermissions',
  'feat:apiKeyScopes',
];
const UNLIMITED_QUOTAS = ['quota:maxTeamProjects', 'quota:maxVariables', 'quota:users'];

/** Sets the owner up where there is none yet, and signs in. */
export async function signInAsOwner(url: string): Promise<OwnerSession> {
  const session = restClient(url);
  const settings = (await session.rest('GET', '/settings')) as {
    userManagement: { showSetupOnFirstLoad?: boolean };
  };
  if (settings.userManagement.showSetupOnFirstLoad === true) {
    await session.rest('POST', '/owner/setup', { ...OWNER, firstName: 'Olga', lastName: 'Owner' });
  }
  await session.rest('POST', '/login', { emailOrLdapLoginId: OWNER.email, password: OWNER.password });
  return {
    rest: session.rest,
    async createKey(scopes) {
      const granted = scopes === 'all' ? await session.rest('GET', '/api-keys/scopes') : scopes;
      const label = `flowkeep test ${crypto.randomUUID()}`;
      const created = await session.rest('POST', '/api-keys', { label, expiresAt: null, scopes: granted });
      return plant((created as { rawApiKey: string }).rawApiKey, 'key of n8n');
    },
  };
}

/**
 * Switches the licensed features on, which works in n8n's end-to-end mode alone (E2E_TESTS=true) and lasts until the
 * process ends. n8n's Enterprise License allows this for development and testing.
 */
export async function enableLicensedFeatures(url: string): Promise<void> {
  const { rest } = restClient(url);
  for (const feature of LICENSED_FEATURES) await rest('PATCH', '/e2e/feature', { feature, enabled: true });
  for (const feature of UNLIMITED_QUOTAS) await rest('PATCH', '/e2e/quota', { feature, value: -1 });
}

function restClient(url: string): Pick<OwnerSession, 'rest'> {
  // n8n ties a session to the browser id that signed in: every request must send the same one.
  const browserId = crypto.randomUUID();
  let cookie = '';
  return {
    async rest(method, path, body) {
      const response = await fetch(`${url}/rest${path}`, {
        method,
        headers: { 'content-type': 'application/json', 'browser-id': browserId, cookie },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const setCookies = response.headers.getSetCookie().map((line) => line.split(';')[0]);
      if (setCookies.length > 0) cookie = setCookies.join('; ');
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} /rest${path} answered ${response.status}: ${text.slice(0, 500)}`);
      return text === '' ? null : (JSON.parse(text) as { data: unknown }).data;
    },
  };
}
