import type { FlowkeepError } from '../../lib/errors.ts';
import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import { emptiedStores } from '../../jobs/snapshots/empty-store.ts';
import { printable } from '../../lib/printable.ts';
import { listSnapshots, type SnapshotListing } from '../../jobs/snapshots/list-snapshots.ts';
import type { UnaskedStore } from '../../jobs/snapshots/unasked.ts';
import { passedOver, passedOverWords, selectSnapshot } from '../../jobs/snapshots/select-snapshot.ts';
import { open } from '../open.ts';
import { table } from '../../lib/columns.ts';
import { type Output } from '../output/output.ts';
import type { Invocation } from '../invocation.ts';
import { errorDocument, errorLines } from '../output/report-error.ts';
import { describeTimeDoubt } from '../output/time-doubt.ts';
import { unaskedMember, warnOfUnasked } from '../output/unasked.ts';

/** `flowkeep snapshots`: what there is, newest first. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  await using opened = await open(invocation);
  const { app, output, tools } = opened;
  const documents: object[] = [];
  const unasked: UnaskedStore[] = [];
  const emptied: FlowkeepError[] = [];
  for (const instance of app.instances(invocation.flags.instance)) {
    const stores = await app.stores(instance, invocation.flags.store);
    const listing = await listSnapshots(stores, instance.name, tools);
    documents.push(...listing.snapshots.map(({ info, ...rest }) => ({ ...info, ...rest })));
    unasked.push(...listing.unasked);
    warnOfUnasked(invocation, output, listing.unasked);
    print(output, instance.name, listing, stores.length > 1);
    if (listing.snapshots.length > 0) continue;
    const silent = new Set(listing.unasked.map(({ store }) => store));
    const asked = stores.filter(({ name }) => !silent.has(name));
    emptied.push(...(await emptiedStores(asked, instance.name, invocation.io.signal)));
  }
  for (const error of emptied) for (const line of errorLines(error, output.palette)) output.line(line);
  const damaged = emptied.length === 0 ? {} : { emptied: emptied.map(errorDocument) };
  output.json({ snapshots: documents, ...damaged, ...unaskedMember(unasked) });
  return emptied.length === 0 ? EXIT.done : EXIT.integrity;
}

function print(
  output: Output,
  instance: string,
  { snapshots: listed, unasked }: SnapshotListing,
  severalStores: boolean,
): void {
  const { palette } = output;
  if (listed.length === 0) {
    const words =
      unasked.length > 0 ? 'no snapshot in the stores that answered' : 'no snapshot yet: run `flowkeep backup`';
    output.line(`${palette.bold(instance)}  ${words}`);
    return;
  }
  output.line(`${palette.bold(instance)}  ${listed.length === 1 ? '1 snapshot' : `${listed.length} snapshots`}`);
  const rows = listed.map(({ info, stores, timeDoubt }) => [
    info.id,
    info.takenAt,
    ...(severalStores ? [stores.join(', ')] : []),
    palette.yellow([...info.flags, ...(timeDoubt ? ['wrong-time'] : [])].join(' ')),
    printable(info.subject),
  ]);
  for (const line of table(rows, '  ')) output.line(line);
  const infos = listed.map(({ info }) => info);
  const { id } = selectSnapshot(infos, 'latest');
  const passed = passedOver(infos, 'latest', id);
  if (passed) output.line(`  ${palette.yellow('note:')} ${printable(passedOverWords(passed, 'latest', id))}`);
  for (const doubt of new Set(listed.flatMap(({ timeDoubt }) => timeDoubt ?? [])))
    output.line(`  ${palette.yellow('wrong-time')}: ${describeTimeDoubt(doubt)}`);
}
