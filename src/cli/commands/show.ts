import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import { formatCount, printable } from '../../lib/printable.ts';
import { snapshotPage } from '../../diff/html/snapshot-page.ts';
import { openSnapshot, type OpenedSnapshot } from '../../jobs/snapshots/open-snapshot.ts';
import type { UnaskedStore } from '../../jobs/snapshots/unasked.ts';
import { openVerified, type VerifiedSnapshot } from '../../jobs/snapshots/open-verified.ts';
import { describeCoverage } from '../output/coverage.ts';
import { requireOne } from '../one-instance.ts';
import { open } from '../open.ts';
import { formatBytes, type Output } from '../output/output.ts';
import type { Invocation } from '../invocation.ts';
import { unverifiedLines, type UnverifiedFlag } from '../unverified.ts';
import { describeTimeDoubt } from '../output/time-doubt.ts';
import { unaskedMember, warnOfUnasked } from '../output/unasked.ts';
import { writePage } from '../output/write-page.ts';

/** Only what is shown whole is verified. */
type ShownSnapshot = OpenedSnapshot & Partial<VerifiedSnapshot>;

/** Flags of `flowkeep show`. */
export interface ShowFlags extends UnverifiedFlag {
  readonly html?: string;
}

/** `flowkeep show [SNAPSHOT]`: what a snapshot of each instance holds. */
export async function run(invocation: Invocation<ShowFlags>, selector = 'latest'): Promise<ExitCode> {
  await using opened = await open(invocation);
  const { app, output, tools } = opened;
  const documents: object[] = [];
  const unasked: UnaskedStore[] = [];
  const { html } = invocation.flags;
  const instances = app.instances(invocation.flags.instance);
  if (html !== undefined) requireOne('--html', instances);
  for (const instance of instances) {
    const stores = await app.stores(instance, invocation.flags.store);
    const options = { allowUnverified: invocation.flags.allowUnverified, ...tools };
    const found: ShownSnapshot =
      html === undefined
        ? await openSnapshot(stores, instance.name, selector, tools)
        : await openVerified(stores, instance.name, selector, options);
    documents.push(toDocument(found));
    unasked.push(...found.unasked);
    warnOfUnasked(invocation, output, found.unasked, selector);
    print(output, found);
    if (html !== undefined) await writePage(invocation, html, await pageOf(found, invocation.io.signal));
  }
  output.json({ snapshots: documents, ...unaskedMember(unasked) });
  return EXIT.done;
}

function pageOf({ snapshot, unverified }: ShownSnapshot, signal: AbortSignal): Promise<string> {
  return snapshotPage(snapshot, signal, unverified);
}

function totalSize({ snapshot }: OpenedSnapshot): number {
  return [...snapshot.files.values()].reduce((sum, file) => sum + file.size, 0);
}

function toDocument(found: ShownSnapshot): object {
  const { snapshot, store, unverified = [] } = found;
  return {
    ...(unverified.length === 0 ? {} : { unverified }),
    ...snapshot.info,
    store: store.name,
    files: snapshot.files.size,
    bytes: totalSize(found),
    sealed: snapshot.sealed !== undefined,
    ...(found.timeDoubt && { timeDoubt: found.timeDoubt }),
    ...(snapshot.header.server ? { server: snapshot.header.server } : {}),
    kinds: snapshot.header.kinds,
  };
}

function print(output: Output, found: ShownSnapshot): void {
  const { snapshot, store } = found;
  const { info, header } = snapshot;
  const { palette } = output;
  for (const line of unverifiedLines(found.unverified, palette)) output.line(line);
  output.line(`${palette.bold(info.id)}  ${printable(info.subject)}`);
  output.line(`  instance  ${info.instance}`);
  const doubt = found.timeDoubt === undefined ? '' : `  ${palette.yellow(describeTimeDoubt(found.timeDoubt))}`;
  output.line(`  taken     ${info.takenAt}${doubt}`);
  output.line(`  n8n       ${header.n8nVersion === null ? 'version unknown' : printable(header.n8nVersion)}`);
  output.line(`  store     ${store.name} (${store.location})`);
  output.line(`  size      ${formatCount(snapshot.files.size)} files, ${formatBytes(totalSize(found))}`);
  if (snapshot.sealed) output.line(`  content   ${palette.yellow('encrypted: needs --identity FILE')}`);
  if (info.flags.length > 0) output.line(`  flags     ${palette.yellow(info.flags.join(', '))}`);
  for (const line of describeCoverage(header, palette)) output.line(line);
}
