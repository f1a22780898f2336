import { knownVariables } from './env-settings.ts';
import type { Environment } from './env-values.ts';
import type { ConfigProblem } from '../problems/errors.ts';
import { isSection } from '../problems/path.ts';
import { remedyFor, suggest } from '../problems/suggest.ts';

const PREFIX = 'FLOWKEEP_';
/** flowkeep's own tests keep their settings under these names. */
const TEST_PREFIX = 'FLOWKEEP_TEST_';

/**
 * Variables that begin like one of flowkeep's and are none: each is a typo that would silently have no effect.
 * Variables that the file refers to are the user's own.
 */
export function unknownVariables(env: Environment, document: unknown): ConfigProblem[] {
  const known = new Set([...knownVariables(), ...referredVariables(document)]);
  const names = Object.keys(env).filter((name) => {
    if (!name.startsWith(PREFIX) || name.startsWith(TEST_PREFIX) || known.has(name)) return false;
    return !isServiceLink(name, env[name] ?? '');
  });
  return names.sort().map((name) => {
    const meant = suggest(name, [...known]);
    const remedy = meant === null ? 'docs/configuration.md lists them all' : remedyFor(name, [meant]);
    return { path: name, message: 'is not a known variable', remedy };
  });
}

/** Names in every `{ env: NAME }` of a document. */
export function referredVariables(document: unknown): string[] {
  if (Array.isArray(document)) return document.flatMap(referredVariables);
  if (!isSection(document)) return [];
  const own = typeof document['env'] === 'string' ? [document['env']] : [];
  return [...own, ...Object.values(document).flatMap(referredVariables)];
}

/**
 * Kubernetes sets variables for each service of the namespace: one that is called `flowkeep` gives FLOWKEEP_PORT,
 * FLOWKEEP_SERVICE_HOST, FLOWKEEP_PORT_8080_TCP_ADDR and more.
 */
function isServiceLink(name: string, value: string): boolean {
  if (/_SERVICE_(HOST|PORT(_\w+)?)$/.test(name)) return true;
  if (/_PORT_\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?$/.test(name)) return true;
  return name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value);
}
