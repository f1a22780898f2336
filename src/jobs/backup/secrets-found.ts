import { FlowkeepError } from '../../lib/errors.ts';
import { formatCount } from '../../lib/printable.ts';
import { singular } from '../../kinds/kinds.ts';
import { NOT_SCANNED } from '../../snapshot/secrets/hit.ts';
import type { SecretFinding } from '../../snapshot/treat/finding.ts';

/** Places that the message names; the rest are counted. */
const MAX_NAMED = 10;

/** A store that is to hold no secret was about to get some. The message says where they are, never what. */
export class SecretsFoundError extends FlowkeepError {
  override readonly name = 'SecretsFoundError';
  readonly findings: readonly SecretFinding[];

  constructor(store: string, findings: readonly SecretFinding[]) {
    const named = findings.slice(0, MAX_NAMED).map(describeFinding);
    const rest = findings.length > named.length ? [`and ${findings.length - named.length} more`] : [];
    const message = `${countFindings(findings)} found; nothing was saved to ${store} (secrets: block)`;
    super('secrets-found', [message, ...named, ...rest].join('\n  '), {
      remedy:
        "Move each to an n8n credential, and rotate it if others could read it; or set the store's " +
        '`secrets` to redact or warn.',
    });
    this.findings = findings;
  }
}

/** `2 secrets and 1 text that could not be scanned` */
export function countFindings(findings: readonly SecretFinding[]): string {
  const notScanned = findings.filter(({ rule }) => rule === NOT_SCANNED).length;
  const secrets = findings.length - notScanned;
  const count = (amount: number, what: string): string[] =>
    amount === 0 ? [] : [`${formatCount(amount)} ${what}${amount === 1 ? '' : 's'}`];
  const unknown = count(notScanned, 'text').map((texts) => `${texts} that could not be scanned`);
  return [...count(secrets, 'secret'), ...unknown].join(' and ');
}

/** `workflow "Invoice sync", node "Get": parameters.url (url-parameter)` */
export function describeFinding({ kind, name, node, field, rule }: SecretFinding): string {
  const where = node === null ? '' : `, node ${JSON.stringify(node)}`;
  return `${singular(kind)} ${JSON.stringify(name)}${where}: ${field} (${rule === NOT_SCANNED ? 'could not be scanned' : rule})`;
}
