import type * as z from 'zod';
import type { Logger } from '../../lib/logger.ts';
import type { Clock } from '../../lib/time.ts';
import type { Store } from '../../store/store.ts';
import type { Environment, EnvSetting } from '../environment/env-values.ts';
import type { ConfigProblem } from '../problems/errors.ts';
import type { StoreFields } from '../schema/store-fields.ts';
import type { ResolveContext } from '../secrets.ts';

/** What each store has, whatever its type. */
export type StoreSettings = StoreFields & { readonly type: string };
/** Settings as they are written, not yet checked. */
export type Section = Record<string, unknown>;

/**
 * All that the configuration knows of one type of store. The schema, the variables, FLOWKEEP_STORE, `config print`, the
 * tables of docs/configuration.md and the opening of a store come from the list of these (registry.ts).
 */
export interface StoreType<Schema extends z.ZodType<StoreSettings> = z.ZodType<StoreSettings>> {
  /** What stands below `stores.NAME`, `type` and `storeFields` among it. */
  schema(context: ResolveContext): Schema;
  /** A variable for each setting but `type` and `storeFields`. */
  readonly variables: readonly EnvSetting[];
  /** How FLOWKEEP_STORE names a store of this type, for messages and documentation. */
  readonly urlForms: readonly string[];
  /** What FLOWKEEP_STORE says, or null where its text is of another type. */
  parseUrl(text: string, cwd: string): UrlReading | null;
  /** Fills in what the variables leave out; gives what they lack. */
  complete?(store: Section, cwd: string): ConfigProblem[];
  /** The settings as a config file has them; secrets need no care. */
  print(store: z.output<Schema>): object;
  /** Opens a store without a connection, and loads its driver only now. */
  open(store: z.output<Schema> & { readonly name: string }, runtime: StoreRuntime): Promise<Store>;
}

/** The settings of FLOWKEEP_STORE, or what is wrong with it; without a remedy, all forms are named. */
export type UrlReading = { readonly settings: Section } | { readonly message: string; readonly remedy?: string };

/** What a store gets beside its settings. */
export interface StoreRuntime {
  readonly env: Environment;
  readonly logger: Logger;
  readonly clock: Clock;
}
