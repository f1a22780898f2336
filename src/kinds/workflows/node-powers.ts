import { isJsonObject, type Json, type JsonObject } from '../../lib/json/json.ts';
import { eachText, textOf } from '../fields.ts';

/**
 * What a node can do that deserves a look before somebody else's workflow runs: `code` of its own; `command`s of the
 * server or of another machine; `files` of the server; `query`, a database with words of its own; `network`, a server
 * that its own parameters name; `n8n`, n8n itself; `unknown`: it is of a package that does not come with n8n.
 */
export type NodePower = 'code' | 'command' | 'files' | 'query' | 'network' | 'n8n' | 'unknown';

const BASE = 'n8n-nodes-base';
const LANGCHAIN = '@n8n/n8n-nodes-langchain';
/** Packages whose nodes every n8n has. */
export const OWN_PACKAGES: ReadonlySet<string> = new Set([BASE, LANGCHAIN]);

/** By type without its package; found in the parameters of n8n 2.41.1's nodes, older types among them. */
const POWERS: Readonly<Record<string, Readonly<Record<string, NodePower>>>> = {
  [BASE]: {
    ...all('code', 'aiTransform', 'code', 'function', 'functionItem', 'pythonFunction'),
    ...all('command', 'executeCommand', 'git', 'ssh'),
    ...all('files', 'localFileTrigger', 'readBinaryFile', 'readBinaryFiles', 'readWriteFile', 'writeBinaryFile'),
    ...all('query', 'azureCosmosDb', 'crateDb', 'databricks', 'googleBigQuery', 'microsoftSql', 'mongoDb', 'mySql'),
    ...all('query', 'oracleDatabase', 'postgres', 'questDb', 'snowflake', 'timescaleDb'),
    ...all('network', 'graphql', 'httpRequest', 'rssFeedRead', 'rssFeedReadTrigger', 'sseTrigger'),
    ...all('n8n', 'n8n'),
  },
  [LANGCHAIN]: {
    ...all('code', 'code', 'toolCode'),
    ...all('network', 'mcpClient', 'mcpClientTool', 'mcpRegistryClientTool', 'toolHttpRequest'),
  },
};

/** Parameters of nodes that do this only where the parameter is set. */
const BY_PARAMETER: Readonly<Record<string, NodePower>> = {
  jsCode: 'code',
  pythonCode: 'code',
  functionCode: 'code',
  // An OpenAI or Hugging Face node that is sent to another server takes its key there.
  baseURL: 'network',
  endpointUrl: 'network',
};
/** The same for nodes of n8n-nodes-base of which only these take code in a parameter that others use for else. */
const CODE_PARAMETER: Readonly<Record<string, string>> = { itemLists: 'code', sort: 'code', merge: 'query' };
/** Types that call a workflow that is saved, or with another source one that they hold, read or fetch themselves. */
export const CALLERS: ReadonlySet<string> = new Set([
  `${BASE}.executeWorkflow`,
  `${LANGCHAIN}.toolWorkflow`,
  `${LANGCHAIN}.retrieverWorkflow`,
]);

/** What a node can do by its type and parameters; null where that is no more than an integration does. */
export function powerOf(node: JsonObject): NodePower | null {
  const type = textOf(node.type);
  const { name, node: bare } = splitType(type);
  if (!OWN_PACKAGES.has(name)) return 'unknown';
  const parameters = isJsonObject(node.parameters) ? node.parameters : {};
  const powers = POWERS[name] ?? {};
  // A node that serves an agent as a tool is called like the node itself, with Tool at the end.
  for (const each of [bare, bare.replace(/Tool$/, '')]) {
    if (Object.hasOwn(powers, each)) return powers[each] ?? null;
    if (CALLERS.has(`${name}.${each}`) && textOf(parameters.source || 'database') !== 'database') return 'code';
    if (Object.hasOwn(CODE_PARAMETER, each) && isSet(parameters[CODE_PARAMETER[each] ?? ''])) return 'code';
  }
  const options = isJsonObject(parameters.options) ? parameters.options : {};
  const set = Object.keys(BY_PARAMETER).find((key) => isSet(parameters[key]) || isSet(options[key]));
  return set === undefined ? null : (BY_PARAMETER[set] ?? null);
}

/** The package and the node of a type: `n8n-nodes-base.code` is `code` of `n8n-nodes-base`. */
export function splitType(type: string): { readonly name: string; readonly node: string } {
  const dot = type.lastIndexOf('.');
  return { name: type.slice(0, Math.max(0, dot)), node: type.slice(dot + 1) };
}

function isSet(value: Json | undefined): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function all(power: NodePower, ...nodes: readonly string[]): Record<string, NodePower> {
  return Object.fromEntries(nodes.map((node) => [node, power]));
}

/** Where an address ends, or a template in it begins. */
const ADDRESS = /\bhttps?:\/\/([^\s/?#"'`<>\\]*)/gi;

/** Parameters that say where a node sends its requests, of the node itself or among its options. */
const ADDRESS_PARAMETERS = ['url', 'endpoint', 'endpointUrl', 'sseEndpoint', 'feedUrl', 'baseURL'];
/** An address whose host is written out. */
const LITERAL = /^=?https?:\/\/([^\s/?#"'`<>\\]*)(?=[/?#\\]|$)/i;

/**
 * The hosts that the parameters of a node name in addresses, in the order in which they come; `computed` where an
 * address, or all of it, is known only when the node runs.
 */
export function hostsOf(node: JsonObject): { readonly hosts: string[]; readonly computed: boolean } {
  const hosts = new Set<string>();
  let computed = false;
  eachText(node.parameters ?? null, (text) => {
    for (const [, authority = ''] of text.matchAll(ADDRESS)) {
      const host = hostIn(authority);
      if (host === null) computed = true;
      else hosts.add(host);
    }
  });
  // A host that stands elsewhere, such as in a header, says nothing of where the request goes.
  computed ||= hosts.size === 0 || addressesOf(node).some((address) => !LITERAL.test(address));
  return { hosts: [...hosts], computed };
}

/** What the address parameters hold that are set; a resource locator has it as its value. */
function addressesOf({ parameters }: JsonObject): string[] {
  if (!isJsonObject(parameters)) return [];
  return [parameters, parameters.options].filter(isJsonObject).flatMap((members) =>
    ADDRESS_PARAMETERS.flatMap((name) => {
      const value = members[name];
      const address = textOf(isJsonObject(value) ? value.value : value).trim();
      return address === '' ? [] : [address];
    }),
  );
}

/** What is behind a name and password; null where it is not the whole of it. */
function hostIn(authority: string): string | null {
  if (/[{}$]/.test(authority)) return null;
  return URL.parse(`http://${authority}`)?.host ?? null;
}
