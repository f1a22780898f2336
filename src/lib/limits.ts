/**
 * The largest file of a snapshot, in bytes. What flowkeep makes of an answer of n8n, which has 33 MB at most
 * (src/n8n/http/timeouts.ts), is smaller with all indentation (json-limits.ts); what is larger was made to fill the
 * memory of the reader.
 */
export const MAX_FILE_BYTES = 256 * 2 ** 20;

/** The most files of a snapshot: three for each of 100,000 workflows, ten times what the largest instances have. */
export const MAX_FILES = 300_000;
