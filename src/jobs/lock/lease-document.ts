import * as z from 'zod';

/**
 * `<instance>/lease.json`: who holds the lock. Times are for people; only `ttlMs` and changes of the document count.
 */
export interface LeaseDocument {
  readonly flowkeepLease: 1;
  /** Unique to this very lease. */
  readonly holder: string;
  readonly host: string;
  readonly pid: number;
  /** See process-place.ts; left out where the system does not tell. */
  readonly place?: string | undefined;
  readonly purpose: string;
  /** ISO 8601, by the holder's clock. */
  readonly acquiredAt: string;
  readonly renewedAt: string;
  /** How long it must be seen unchanged before another run may take over. */
  readonly ttlMs: number;
}

/** A day: a longer one, from a broken writer, would lock for ever. */
const MAX_TTL_MS = 86_400_000;

const schema = z.looseObject({
  flowkeepLease: z.literal(1),
  holder: z.string(),
  host: z.string(),
  pid: z.number(),
  place: z.string().optional(),
  purpose: z.string(),
  acquiredAt: z.string(),
  renewedAt: z.string(),
  ttlMs: z.number().positive().max(MAX_TTL_MS),
});

/** The lease, or null where the document is not one: then it counts as held by an unknown run until it has died. */
export function parseLease(content: Uint8Array): LeaseDocument | null {
  try {
    const result = schema.safeParse(JSON.parse(Buffer.from(content).toString('utf8')));
    return result.success ? result.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
