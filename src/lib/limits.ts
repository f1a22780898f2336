/**
 * The largest file of a snapshot, in bytes. flowkeep reads no answer of n8n that is larger (src/n8n/timeouts.ts), and n8n
 * takes workflows of at most 16 MB; what is larger was made to fill the memory of whoever reads it.
 */
export const MAX_FILE_BYTES = 256 * 2 ** 20;

/** The most files of a snapshot: three for each of 100,000 workflows, ten times what the largest instances have. */
export const MAX_FILES = 300_000;
