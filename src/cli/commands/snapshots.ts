import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import { printable } from '../../lib/printable.ts';
import { listSnapshots, type ListedSnapshot } from '../../jobs/snapshots/list-snapshots.ts';
import { open } from '../open.ts';
import { table } from '../../lib/columns.ts';
import { type Output } from '../output/output.ts';
import type { Invocation } from '../invocation.ts';

/** `flowkeep snapshots`: what there is, newest first. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  await using opened = await open(invocation);
  const { app, output } = opened;
  const documents: object[] = [];
  for (const instance of app.instances(invocation.flags.instance)) {
    const stores = await app.stores(instance, invocation.flags.store);
    const listed = await listSnapshots(stores, instance.name, invocation.io.signal);
    documents.push(...listed.map(({ info, stores: names }) => ({ ...info, stores: names })));
    print(output, instance.name, listed, stores.length > 1);
  }
  output.json({ snapshots: documents });
  return EXIT.done;
}

function print(output: Output, instance: string, listed: readonly ListedSnapshot[], severalStores: boolean): void {
  const { palette } = output;
  if (listed.length === 0) {
    output.line(`${palette.bold(instance)}  no snapshot yet: run \`flowkeep backup\``);
    return;
  }
  output.line(`${palette.bold(instance)}  ${listed.length === 1 ? '1 snapshot' : `${listed.length} snapshots`}`);
  const rows = listed.map(({ info, stores }) => [
    info.id,
    info.takenAt,
    ...(severalStores ? [stores.join(', ')] : []),
    info.flags.length === 0 ? '' : palette.yellow(info.flags.join(' ')),
    printable(info.subject),
  ]);
  for (const line of table(rows, '  ')) output.line(line);
}
