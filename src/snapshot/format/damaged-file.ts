import { FlowkeepError } from '../../lib/errors.ts';
import { EXIT } from '../../lib/exit-codes.ts';
import { JsonLimitError } from '../../lib/json/json-limits.ts';
import { parseJson, type Json } from '../../lib/json/json.ts';

/** A file of a snapshot is not what docs/snapshot-format.md says: exit code 5. `where` names the snapshot. */
export function damagedFile(path: string, where: string, what: string): FlowkeepError {
  return new FlowkeepError('snapshot-format', `${path} of ${where} cannot be used: ${what}`, {
    exitCode: EXIT.integrity,
    remedy: 'Run `flowkeep verify --all` to find an undamaged snapshot.',
  });
}

/** A file of a snapshot as JSON. @throws FlowkeepError `snapshot-format` that names it */
export function parseSnapshotFile(path: string, content: Uint8Array, where: string): Json {
  return parseSnapshotText(path, Buffer.from(content).toString('utf8'), where);
}

/** As `parseSnapshotFile`, for a part of a file, such as a line of rows. */
export function parseSnapshotText(path: string, text: string, where: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    throw damagedFile(path, where, jsonProblem(error));
  }
}

/** What is wrong with a text that `parseJson` refused. The parser's own words may quote it, and a secret with it. */
export function jsonProblem(error: unknown): string {
  return error instanceof JsonLimitError ? error.message : 'it is not valid JSON';
}
