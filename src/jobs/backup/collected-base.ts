import { sha256 } from '../../lib/hash.ts';
import type { Collected } from '../../snapshot/collect/collect.ts';
import type { CollectOptions } from '../../snapshot/collect/collect-options.ts';
import { writeHeader } from '../../snapshot/format/header.ts';
import { HEADER_PATH } from '../../snapshot/format/paths.ts';

/** What was just read, as the base of the next reading: what did not change since need not be read in detail again. */
export function collectedBase(collected: Collected, takenAt: string): NonNullable<CollectOptions['base']> {
  const header = writeHeader(collected.header);
  const hashes = new Map([...collected.files].map(([path, file]) => [path, file.sha256]));
  const sizes = new Map([...collected.files].map(([path, { size }]) => [path, { size }]));
  const read = async (path: string): Promise<Uint8Array> => {
    const file = collected.files.get(path);
    if (file) return file.read();
    if (path === HEADER_PATH) return header;
    throw new Error(`the reading has no ${path}`);
  };
  return {
    header: collected.header,
    files: {
      info: { id: 'live', takenAt },
      files: sizes,
      matches: (path, content) => hashes.get(path) === sha256(content),
      read,
      async *readMany(paths) {
        for (const path of paths) yield [path, await read(path)] as const;
      },
    },
  };
}
