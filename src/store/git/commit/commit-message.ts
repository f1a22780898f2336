import { isoSeconds } from '../../../lib/time.ts';
import { isFlag } from '../../flags.ts';
import type { GitAuthor } from '../options.ts';
import { signOffOf } from './identity.ts';
import type { SnapshotInfo } from '../../store.ts';
import { timeOfId } from '../../time-of-id.ts';
import { trimOf } from '../../../lib/trim.ts';

/**
 * The message of a snapshot's commit: the subject, the lines below it, and trailers that carry the rest of the header.
 * Subject and body hold names that anybody may have given to a workflow, so neither can break a line or add a trailer.
 */
export function formatCommitMessage(info: SnapshotInfo, body: string, author: GitAuthor): string {
  const subject = oneLine(info.subject).slice(0, MAX_SUBJECT) || `${info.instance}: snapshot`;
  const trailers = [
    `${TRAILER.snapshot}: ${oneLine(info.id)}`,
    `${TRAILER.instance}: ${oneLine(info.instance)}`,
    `${TRAILER.format}: ${info.format}`,
    ...(info.n8nVersion ? [`${TRAILER.n8nVersion}: ${oneLine(info.n8nVersion)}`] : []),
    ...(info.flags.length > 0 ? [`${TRAILER.flags}: ${info.flags.join(', ')}`] : []),
    ...(info.digest === null ? [] : [`${TRAILER.digest}: ${oneLine(info.digest)}`]),
    ...signOffOf(author),
  ];
  return [subject, harmless(body), trailers.join('\n')].filter((part) => part !== '').join('\n\n') + '\n';
}

/** The message with one more paragraph, before the trailers, which are what counts. */
export function withNote(message: string, note: string): string {
  const text = message.trimEnd();
  const trailers = text.lastIndexOf('\n\n');
  if (trailers < 0) return `${text}\n\n${note}\n`;
  return `${text.slice(0, trailers)}\n\n${note}${text.slice(trailers)}\n`;
}

export const TRAILER = {
  snapshot: 'Flowkeep-Snapshot',
  instance: 'Flowkeep-Instance',
  format: 'Flowkeep-Format',
  n8nVersion: 'N8n-Version',
  flags: 'Flowkeep-Flags',
  digest: 'Flowkeep-Digest',
} as const;

/** Long enough for any subject that flowkeep makes; names in it may be as long as n8n allows. */
const MAX_SUBJECT = 500;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

function oneLine(text: string): string {
  return text.replace(CONTROL, ' ').trim();
}

/** Body lines without control characters; one that reads like a trailer of ours is set off with a dash. */
function harmless(body: string): string {
  const lines = body.split(/\r\n|[\n\r\u2028\u2029]/).map((line) => line.replace(CONTROL, ' ').trimEnd());
  const set = lines.map((line) => (/^(flowkeep-|n8n-version\b)/i.test(line) ? `- ${line}` : line));
  return trimOf(set.join('\n'), '\n');
}

/**
 * What a commit says of the snapshot it holds; null where it holds none of ours: it lacks a part, or has no time.
 * @param committed seconds since 1970, as the commit says: anybody can write one that is no time
 */
export function parseCommit(subject: string, trailerBlock: string, committed: number): SnapshotInfo | null {
  const trailers = parseTrailers(trailerBlock);
  const id = trailers.get(TRAILER.snapshot);
  const instance = trailers.get(TRAILER.instance);
  const format = Number(trailers.get(TRAILER.format));
  if (id === undefined || instance === undefined || !Number.isInteger(format)) return null;
  // A rebase rewrites a commit's dates, but not the id.
  const takenAt = timeOfId(id) ?? timeOfCommit(committed);
  if (takenAt === null) return null;
  return {
    id,
    instance,
    takenAt,
    format,
    n8nVersion: trailers.get(TRAILER.n8nVersion) ?? null,
    subject,
    flags: (trailers.get(TRAILER.flags) ?? '').split(/,\s*/).filter(isFlag),
    digest: trailers.get(TRAILER.digest) ?? null,
  };
}

function parseTrailers(block: string): Map<string, string> {
  const trailers = new Map<string, string>();
  for (const line of block.split('\n')) {
    const colon = line.indexOf(': ');
    if (colon > 0) trailers.set(line.slice(0, colon), line.slice(colon + 2).trim());
  }
  return trailers;
}

function timeOfCommit(seconds: number): string | null {
  return Number.isNaN(new Date(seconds * 1000).getTime()) ? null : isoSeconds(seconds * 1000);
}
