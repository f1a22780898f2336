import type { InstanceConfig } from '../../config/types.ts';
import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import { diff, type DiffReport } from '../../jobs/diff.ts';
import { LIVE } from '../../snapshot/format/snapshot-view.ts';
import { PageBuilder } from '../../diff/html/page-builder.ts';
import { parseOnly, type Only } from '../../kinds/only.ts';
import { allItems, ignoreLayout, totalsOf, withheldTexts } from '../../diff/totals.ts';
import { diffLines } from '../output/diff-report.ts';
import type { Invocation } from '../invocation.ts';
import { requireOne } from '../one-instance.ts';
import { open, type Opened } from '../open.ts';
import { unverifiedLines, type UnverifiedFlag } from '../unverified.ts';
import { unaskedMember, warnOfUnasked } from '../output/unasked.ts';
import { writePage } from '../output/write-page.ts';

/** Flags of `flowkeep diff`. */
export interface DiffFlags extends UnverifiedFlag {
  readonly stat?: boolean;
  readonly only?: readonly string[];
  readonly ignoreLayout?: boolean;
  readonly exitCode?: boolean;
  readonly html?: string;
}

/** `flowkeep diff [FROM] [TO]`: what changed; by default since the latest snapshot. */
export async function run(invocation: Invocation<DiffFlags>, from = 'latest', to: string = LIVE): Promise<ExitCode> {
  const { flags } = invocation;
  const only = (flags.only ?? []).map(parseOnly);
  await using opened = await open(invocation);
  const { app, output } = opened;
  const instances = app.instances(flags.instance);
  if (flags.html !== undefined) requireOne('--html', instances);
  const documents: object[] = [];
  let differences = 0;
  for (const instance of instances) {
    const { unasked, ...found } = await diffOne(invocation, opened, instance, { from, to, only });
    warnOfUnasked(invocation, output, unasked, from);
    const items = allItems(found);
    differences += items.length;
    documents.push({
      instance: instance.name,
      totals: { ...totalsOf(items), withheld: withheldTexts(found) },
      ...found,
      ...unaskedMember(unasked),
    });
    for (const line of unverifiedLines(found.unverified, output.palette)) output.line(line);
    const title = `${output.palette.bold(instance.name)}  ${found.from.id} → ${found.to.id}`;
    const { palette, columns } = output;
    for (const line of [title, ...diffLines(found, { palette, columns, details: flags.stat !== true })])
      output.line(line);
  }
  output.json({ instances: documents });
  return flags.exitCode && differences > 0 ? EXIT.failed : EXIT.done;
}

async function diffOne(
  invocation: Invocation<DiffFlags>,
  opened: Opened,
  instance: InstanceConfig,
  what: { readonly from: string; readonly to: string; readonly only: readonly Only[] },
): Promise<DiffReport> {
  const { flags } = invocation;
  const { app, tools } = opened;
  const page = flags.html === undefined ? null : new PageBuilder(flags.ignoreLayout === true);
  const found = await diff({
    ...what,
    instance: instance.name,
    stores: await app.stores(instance, flags.store),
    ...tools,
    allowUnverified: flags.allowUnverified,
    live: {
      client: () => app.client(instance),
      kinds: instance.kinds,
    },
    ...(page ? { onWorkflow: page.addDiff } : {}),
  });
  const shown = flags.ignoreLayout ? { ...found, ...ignoreLayout(found) } : found;
  if (page) await writePage(invocation, flags.html!, page.diffPage(instance.name, shown, found.unverified));
  return shown;
}
