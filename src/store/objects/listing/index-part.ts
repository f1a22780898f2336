import * as z from 'zod';
import { compress, decompress } from '../compress.ts';
import { headerOfFields, type DecodedHeader } from '../manifest.ts';

/** What an index has of one manifest: it holds for these very bytes and no others. */
export interface IndexEntry extends DecodedHeader {
  readonly etag: string;
}

export interface IndexPart {
  /** In the open part: how many parts are closed, and whether, at the last look, no manifest was missing from them. */
  readonly closed: number;
  readonly isWhole: boolean;
  readonly entries: readonly IndexEntry[];
}

const VERSION = 1;
/** A part has 1,000 entries of some 100 bytes; more would be read for a forged one only. */
export const MAX_PART_BYTES = 32 * 2 ** 20;

/** Lines of JSON: what the part is, then for each manifest its ETag and the fields of its header. */
export async function encodePart({ closed, isWhole, entries }: IndexPart): Promise<Uint8Array> {
  const head = { index: VERSION, closed, whole: isWhole };
  const lines = [head, ...entries.map(({ etag, fields }) => [etag, fields])];
  return compress(Buffer.from(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n`));
}

/** null: it is none, or is damaged, or a newer flowkeep's. An entry that cannot be read is left out. */
export async function decodePart(content: Uint8Array): Promise<IndexPart | null> {
  const lines = await linesOf(content);
  const head = headSchema.safeParse(lines?.[0]);
  if (lines === null || !head.success) return null;
  const { closed, whole } = head.data;
  return { closed, isWhole: whole, entries: lines.slice(1).flatMap((line) => entryOf(line) ?? []) };
}

async function linesOf(content: Uint8Array): Promise<unknown[] | null> {
  try {
    const text = Buffer.from(await decompress(content, MAX_PART_BYTES)).toString('utf8');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown);
  } catch {
    // Whatever it is, the manifests say what it would have said.
    return null;
  }
}

function entryOf(line: unknown): IndexEntry | null {
  const found = entrySchema.safeParse(line);
  if (!found.success) return null;
  const [etag, fields] = found.data;
  const header = headerOfFields(fields);
  return header && { etag, ...header };
}

const headSchema = z.object({ index: z.literal(VERSION), closed: z.number().int().min(0), whole: z.boolean() });
const entrySchema = z.tuple([z.string().min(1), z.record(z.string(), z.unknown())]);
