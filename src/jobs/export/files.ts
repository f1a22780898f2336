import { partOf } from '../../snapshot/format/paths.ts';
import { countOne, readBatches, type ExportedFile, type ExportFormat, type ExportSource } from './format.ts';

/** The tree as a git store has it: below the instance's name. */
export class FilesFormat implements ExportFormat {
  readonly counts = new Map<string, number>();
  readonly notes: string[] = [];

  async *files(source: ExportSource): AsyncGenerator<ExportedFile> {
    let done = 0;
    for await (const [path, content] of readBatches(source, [...source.snapshot.files.keys()])) {
      countOne(this.counts, `files of ${partOf(path) ?? 'the snapshot itself'}`);
      source.progress(++done);
      yield [`${source.instance}/${path}`, content];
    }
  }
}
