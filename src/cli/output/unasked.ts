import {
  describeUnasked,
  unaskedDocuments,
  type UnaskedDocument,
  type UnaskedStore,
} from '../../jobs/snapshots/unasked.ts';
import { printable } from '../../lib/printable.ts';
import type { Invocation } from '../invocation.ts';
import type { Output } from './output.ts';

/** Selectors that another snapshot answers as soon as there is a newer one. */
const BY_AGE = /^latest|^\d{4}-/;

/**
 * Says on stderr which stores could not be asked, since what a command shows is less than it seems then: also with
 * `--json`, whose document may be a plan file.
 * @param selector the SNAPSHOT argument that was looked up
 */
export function warnOfUnasked(
  { io }: Pick<Invocation, 'io'>,
  { palette }: Pick<Output, 'palette'>,
  unasked: readonly UnaskedStore[],
  selector?: string,
): void {
  for (const each of unasked) {
    const lines = [`${palette.yellow('warning:')} ${printable(describeUnasked(each))}`];
    if (selector !== undefined && BY_AGE.test(selector))
      lines.push(`  it may hold a newer snapshot than the one that ${printable(selector)} names here`);
    if (each.error.remedy !== undefined) lines.push(`  ${palette.cyan('→')} ${printable(each.error.remedy)}`);
    io.stderr.write(`${lines.join('\n')}\n`);
  }
}

/** The member of a `--json` document; nothing where every store answered. */
export function unaskedMember(unasked: readonly UnaskedStore[]): { readonly unasked?: readonly UnaskedDocument[] } {
  return unasked.length === 0 ? {} : { unasked: unaskedDocuments(unasked) };
}
