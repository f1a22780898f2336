import { pickOne, seededNumber } from './seeded.ts';

/** Bytes in which nothing but the content is wrong: the length is that of the original. */
export function withOddByte(body: Buffer, at: number, byte = 1): Buffer {
  const damaged = Buffer.from(body);
  damaged[at] = byte;
  return damaged;
}

/** A control character is nowhere allowed in JSON, inside of texts neither. */
export function brokenJson(body: Buffer, number: number): Buffer {
  return withOddByte(body, Math.floor(number * body.length));
}

/** XML with one of its tags opened wrongly. */
export function brokenXml(body: Buffer, number: number): Buffer {
  const tags = [...body.entries()].flatMap(([at, byte]) => (byte === '<'.charCodeAt(0) ? [at] : []));
  return tags.length === 0 ? body : withOddByte(body, pickOne(tags, number));
}

/** One bit of one byte flipped. */
export function withFlippedBit(body: Buffer, number: number): Buffer {
  const at = Math.floor(number * body.length);
  return withOddByte(body, at, (body[at] ?? 0) ^ 4);
}

/**
 * git's packets, so broken that they are none: the length of the first one, or a bit of a pack, which has a checksum.
 * The name of a ref has none: git, and so flowkeep, would believe it.
 */
export function brokenPackets(body: Buffer, number: number): Buffer {
  const pack = body.indexOf('PACK');
  if (pack >= 0 && number < 0.5) {
    const inside = withFlippedBit(body.subarray(pack), number * 2);
    return Buffer.concat([body.subarray(0, pack), inside]);
  }
  return Buffer.concat([Buffer.from('zzzz'), body.subarray(4)]);
}

/**
 * Valid JSON in another shape than n8n's: what a proxy says in n8n's place, a list with a null in it, an item without
 * its id, a text where there is a list.
 */
export function wrongStructure(text: string, seed: string): string {
  const value: unknown = JSON.parse(text);
  const variants = [
    ...['null', '{}', '"ok"', '{"message":"upstream request timed out"}', '7'],
    ...variantsOf(value).map((variant) => JSON.stringify(variant)),
  ];
  return pickOne(variants, seededNumber(seed, 'structure'));
}

function variantsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return entryVariants(value);
  if (!isRecord(value)) return [];
  if (Array.isArray(value.data)) {
    const { data } = value;
    const lists = ['lost', {}, null, 3].map((wrong) => ({ ...value, data: wrong }));
    return [...lists, ...entryVariants(data).map((entries) => ({ ...value, data: entries }))];
  }
  return itemVariants(value);
}

/** A list in which one entry is wrong. */
function entryVariants(entries: readonly unknown[]): unknown[] {
  if (entries.length === 0) return [];
  const middle = Math.floor(entries.length / 2);
  const entry = entries[middle];
  const wrong: unknown[] = [null, 'item', [], {}, ...(isRecord(entry) ? itemVariants(entry) : [])];
  return wrong.map((each) => entries.with(middle, each));
}

/** Members that no item of n8n lacks, and others that have a type of their own. */
const NEEDED = ['id', 'name', 'key', 'nodes', 'connections', 'columns'];
const TYPED = [...NEEDED, 'tags', 'shared', 'type'];

/** Each of these members missing, of another type, or a list with a null in it. */
function itemVariants(item: Record<string, unknown>): unknown[] {
  const missing = NEEDED.filter((member) => member in item).map((member) =>
    Object.fromEntries(Object.entries(item).filter(([key]) => key !== member)),
  );
  const typed = TYPED.filter((member) => member in item);
  const lists = typed.filter((member) => Array.isArray(item[member]));
  return [
    ...missing,
    ...typed.map((member) => ({ ...item, [member]: 5 })),
    ...lists.map((member) => ({ ...item, [member]: [null] })),
  ];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
