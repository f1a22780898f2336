import { npm } from './npm.ts';

/** What came of an audit: findings, or the reason why the registry gave none. */
export type Audit =
  | { readonly status: 'audited'; readonly problems: readonly string[] }
  | { readonly status: 'not-served'; readonly reason: string };

/** What is read of `npm audit --json`: the report, or the error of the request. */
export interface AuditReport {
  readonly vulnerabilities?: Readonly<Record<string, Vulnerability>>;
  readonly message?: string;
  readonly statusCode?: number;
}

interface Vulnerability {
  readonly severity: string;
  readonly range: string;
  readonly via: readonly (string | { readonly title: string; readonly url: string })[];
}

/** Asks the registry for advisories about the locked packages. @throws Error where it cannot be asked */
export async function audit(root: string, args: readonly string[]): Promise<Audit> {
  const { stdout, stderr } = await npm(['audit', '--json', '--package-lock-only', ...args], root);
  let report: AuditReport;
  try {
    report = JSON.parse(stdout) as AuditReport;
  } catch {
    throw new Error(`npm audit printed no report:\n${stdout}${stderr}`);
  }
  return readAudit(report);
}

/**
 * Mirrors of the registry often serve packages alone: they answer that they know no such address, or no such method.
 * That is told apart from a failure, after which nothing is known.
 * @throws Error where the request failed in another way
 */
export function readAudit({ vulnerabilities, message, statusCode }: AuditReport): Audit {
  if (vulnerabilities) {
    const severe = Object.entries(vulnerabilities).filter(([, { severity }]) => /^(high|critical)$/.test(severity));
    return { status: 'audited', problems: severe.map(([name, each]) => describe(name, each)) };
  }
  if (statusCode !== undefined && [404, 405, 410, 501].includes(statusCode)) {
    return { status: 'not-served', reason: message ?? `HTTP ${statusCode}` };
  }
  throw new Error(`npm audit failed: ${message ?? 'no reason given'}`);
}

function describe(name: string, { severity, range, via }: Vulnerability): string {
  const causes = via.map((cause) => (typeof cause === 'string' ? `through ${cause}` : `${cause.title}, ${cause.url}`));
  return `${name} ${range}: ${severity}: ${causes.join('; ')}`;
}
