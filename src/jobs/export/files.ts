import { partOf } from '../../snapshot/format/paths.ts';
import { countOne, readBatches, type ExportedFile, type ExportFormat, type ExportRun } from './format.ts';

/** The tree as a git store has it: below the instance's name. */
export class FilesFormat implements ExportFormat {
  readonly counts = new Map<string, number>();
  readonly notes: string[] = [];

  async *files(run: ExportRun): AsyncGenerator<ExportedFile> {
    let done = 0;
    for await (const [path, content] of readBatches(run, [...run.snapshot.files.keys()])) {
      countOne(this.counts, `files of ${partOf(path) ?? 'the snapshot itself'}`);
      run.progress(++done);
      yield [`${run.snapshot.header.instance}/${path}`, content];
    }
  }
}
