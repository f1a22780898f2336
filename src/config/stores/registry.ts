// The types of stores: one file each, and this list of them. The rest of src/config, and the app, know no type by its
// name; logic of a store itself belongs into src/store, and must not enter.

import * as z from 'zod';
import type { Store } from '../../store/store.ts';
import type { ValidationIssue } from '../problems/validation-issue.ts';
import type { ResolveContext } from '../secrets.ts';
import { gitStore } from './git.ts';
import { s3Store } from './s3.ts';
import type { Section, StoreRuntime, StoreType } from './store-type.ts';

/** Every type of store, by the word that `type` has in the configuration. The first is the default one. */
const STORE_TYPES = { git: gitStore, s3: s3Store };

export type StoreTypeName = keyof typeof STORE_TYPES;
type SettingsOf<Name extends StoreTypeName> = z.output<ReturnType<(typeof STORE_TYPES)[Name]['schema']>>;
/** A store of the effective configuration. */
export type StoreConfig = { [Name in StoreTypeName]: { name: string } & SettingsOf<Name> }[StoreTypeName];

export const STORE_TYPE_NAMES = Object.keys(STORE_TYPES) as [StoreTypeName, ...StoreTypeName[]];
export const DEFAULT_STORE_TYPE = STORE_TYPE_NAMES[0];

/** The types by what they have in common: the settings that one of them is given are its own, by their `type`. */
export const storeTypes: Readonly<Record<StoreTypeName, StoreType>> = STORE_TYPES;

/** One store as it is written: the settings of the type that it names. */
export function storeSchema(context: ResolveContext) {
  const [first, ...others] = Object.values(STORE_TYPES).map((type) => type.schema(context));
  return z.discriminatedUnion('type', [first!, ...others]);
}

/** Opens a store without a connection. Its driver is loaded now. */
export function openStore(store: StoreConfig, runtime: StoreRuntime): Promise<Store> {
  return storeTypes[store.type].open(store, runtime);
}

/** How FLOWKEEP_STORE can be written, for messages and documentation. */
export function storeUrlForms(quote: (form: string) => string = String): string {
  const forms = STORE_TYPE_NAMES.flatMap((name) => storeTypes[name].urlForms.map(quote));
  return `${forms.slice(0, -1).join(', ')} or ${forms.at(-1)}`;
}

/**
 * The store that FLOWKEEP_STORE names, as a section of the document, or what is wrong with the text. The text itself
 * is never repeated: it might hold a password.
 */
export function parseStoreUrl(text: string, cwd: string): (Section & { type: StoreTypeName }) | ValidationIssue {
  const remedy = `write ${storeUrlForms()}`;
  for (const type of STORE_TYPE_NAMES) {
    const reading = storeTypes[type].parseUrl(text, cwd);
    if (reading) return 'settings' in reading ? { type, ...reading.settings } : { remedy, ...reading };
  }
  return { message: 'does not name a store', remedy };
}
