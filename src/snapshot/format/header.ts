import * as z from 'zod';
import { canonicalJson, parseJson } from '../../lib/json/json.ts';
import { FlowkeepError } from '../../lib/errors.ts';
import { EXIT } from '../../lib/exit-codes.ts';
import { KINDS, type Kind } from '../../kinds/kinds.ts';
import { jsonProblem } from './damaged-file.ts';

/** The version of the format that this flowkeep writes and reads. docs/snapshot-format.md */
export const FORMAT_VERSION = 1;

/** How completely a kind was read. */
export type Coverage = 'complete' | 'unavailable' | 'failed';

/** Why a kind is `unavailable` or `failed`: a code for scripts and n8n's own words for people. */
export interface CoverageReason {
  readonly code: 'licence' | 'scope' | 'version' | 'error';
  readonly message: string;
}

/** What a store's settings keep out of a kind: secrets that were found, pinned data, the values of variables. */
export type Omitted = 'secrets' | 'pinData' | 'values';

export interface KindHeader {
  readonly coverage: Coverage;
  /** Items held: workflows, credentials, tables... Carried-over ones are counted too. */
  readonly items: number;
  /** Rows of all data tables. */
  readonly rows?: number;
  readonly reason?: CoverageReason;
  /** The snapshot whose files are carried over, because this run could not read the kind. */
  readonly carriedFrom?: string;
  /** What was read less fully than it seems, in words. */
  readonly notes?: readonly string[];
  /** What the store's settings kept out, in alphabetical order; what was carried over may lack more than they say. */
  readonly withheld?: readonly Omitted[];
  /**
   * Only with `secrets` withheld: what somebody typed that looks like a marker is escaped, so that every marker is
   * flowkeep's own. Absent in what older versions saved, where either may be meant.
   */
  readonly typedMarkers?: 'escaped';
}

/** Whether a snapshot says what there was of a kind: read in full, or carried over from when it was. */
export function isHeld(kind: KindHeader): boolean {
  return kind.coverage === 'complete' || kind.carriedFrom !== undefined;
}

/**
 * How the texts of a kind are to be read. `plain`: as n8n has them, nothing is a marker. `escaped`: markers are
 * flowkeep's, and typed ones are escaped. `marked`: there are markers, and they may have been typed.
 */
export type TextForm = 'plain' | 'escaped' | 'marked';

export function formOf(kind: KindHeader | undefined): TextForm {
  if (!kind?.withheld?.includes('secrets')) return 'plain';
  return kind.typedMarkers === 'escaped' ? 'escaped' : 'marked';
}

const OMITTED_WORDS: Readonly<Record<Omitted, string>> = {
  pinData: 'pinned data',
  secrets: 'the secrets that were found',
  values: 'the values',
};

/**
 * What a kind was saved without, for people: `pinned data and the secrets that were found`; null: nothing is missing.
 */
export function omittedWords(kind: KindHeader | undefined): string | null {
  const words = (kind?.withheld ?? []).flatMap((what) => OMITTED_WORDS[what] ?? []);
  return words.length === 0 ? null : words.join(' and ');
}

/**
 * Which server a snapshot is of, as far as n8n told. What it did not tell is left out. It says nothing of n8n's state:
 * a snapshot is not saved because of it.
 */
export interface ServerMark {
  /** The id of the user who owns it: random for each installation. */
  readonly owner?: string;
  /** n8n's own id, from the manifest of a package export. Before 2.48 it follows from the encryption key. */
  readonly instanceId?: string;
}

/**
 * `flowkeep.json`: what the snapshot is and how complete. It names no file and no time, so that an edit leaves it as
 * it is.
 */
export interface SnapshotHeader {
  readonly format: number;
  readonly instance: string;
  /** null if the instance did not say. */
  readonly n8nVersion: string | null;
  /** Absent in what older versions saved, and where n8n told nothing of it. */
  readonly server?: ServerMark;
  readonly kinds: Readonly<Partial<Record<Kind, KindHeader>>>;
}

const kindHeader = z.looseObject({
  coverage: z.enum(['complete', 'unavailable', 'failed']),
  items: z.number().int().nonnegative(),
  rows: z.number().int().nonnegative().optional(),
  reason: z.looseObject({ code: z.enum(['licence', 'scope', 'version', 'error']), message: z.string() }).optional(),
  carriedFrom: z.string().optional(),
  notes: z.array(z.string()).optional(),
  withheld: z.array(z.string()).optional(),
  typedMarkers: z.string().optional(),
});

const header = z.looseObject({
  format: z.literal(FORMAT_VERSION),
  instance: z.string(),
  n8nVersion: z.string().nullable(),
  server: z.looseObject({ owner: z.string().optional(), instanceId: z.string().optional() }).optional(),
  kinds: z.partialRecord(z.enum(KINDS), kindHeader),
});

/** The bytes of `flowkeep.json`. */
export function writeHeader(value: SnapshotHeader): Uint8Array {
  return Buffer.from(canonicalJson(value));
}

/**
 * Reads `flowkeep.json`. `where` names the snapshot in errors.
 * @throws FlowkeepError `snapshot-format` where it is damaged or of a newer format
 */
export function readHeader(bytes: Uint8Array, where: string): SnapshotHeader {
  let value: unknown;
  try {
    value = parseJson(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw damaged(where, jsonProblem(error));
  }
  const format = (value as { format?: unknown } | null)?.format;
  if (typeof format === 'number' && format > FORMAT_VERSION) throw tooNew(where, format);
  const result = header.safeParse(value);
  if (!result.success) throw damaged(where, z.prettifyError(result.error));
  return result.data as SnapshotHeader;
}

function damaged(where: string, what: string): FlowkeepError {
  return new FlowkeepError('snapshot-format', `flowkeep.json of ${where} is damaged: ${what}`, {
    exitCode: EXIT.integrity,
    remedy: 'Run `flowkeep verify --all` to find an undamaged snapshot.',
  });
}

function tooNew(where: string, format: number): FlowkeepError {
  return new FlowkeepError(
    'snapshot-format',
    `${where} has format ${format}; this flowkeep reads up to format ${FORMAT_VERSION}`,
    { exitCode: EXIT.usage, remedy: 'Use the flowkeep version that wrote it, or a newer one.' },
  );
}
