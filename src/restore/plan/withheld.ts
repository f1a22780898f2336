import type { Action, Withheld } from './types.ts';

const NOTHING: Withheld = { texts: 0, kept: 0, others: [] };

export function isWithheld({ texts, kept, others }: Withheld): boolean {
  return texts + kept > 0 || others.length > 0;
}

/** That of several items. */
export function sumWithheld(items: readonly { readonly withheld?: Withheld }[]): Withheld {
  return items
    .flatMap(({ withheld }) => withheld ?? [])
    .reduce(
      (a, b) => ({
        texts: a.texts + b.texts,
        kept: a.kept + b.kept,
        others: [...new Set([...a.others, ...b.others])],
      }),
      NOTHING,
    );
}

/** How an item that needs no write compares with the snapshot. */
export function whyUnchanged(withheld: Withheld | undefined): string {
  if (!withheld) return 'as in the snapshot';
  const { kept } = withheld;
  if (kept === 0) return `as in the snapshot, as far as can be told: ${withheldWords(withheld)}`;
  return `not as in the snapshot: ${kept === 1 ? '1 text stays' : `${kept} texts stay`} as the target has it`;
}

/** `2 texts and pinned data are withheld` */
export function withheldWords({ texts, others }: Withheld): string {
  const words = [...(texts === 0 ? [] : [texts === 1 ? '1 text' : `${texts} texts`]), ...others];
  const isOne = words.length === 1 && texts <= 1;
  return `${words.join(' and ')} ${isOne ? 'is' : 'are'} withheld`;
}

/** How sure it is that an item that needs no write is as in the snapshot. */
export type Sameness = 'unchanged' | 'as far as can be told' | 'not restored';

/** null: it needs a write, or is left alone. */
export function samenessOf(action: Action): Sameness | null {
  if (action.verb !== 'unchanged') return null;
  if (!action.withheld) return 'unchanged';
  return action.withheld.kept > 0 ? 'not restored' : 'as far as can be told';
}
