import { redact } from '../../lib/secrets/redact.ts';
import type { OutputStream } from '../io.ts';

/** A stream that hides known secrets in whatever is written to it. */
export class RedactedStream implements OutputStream {
  readonly #stream: OutputStream;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  write(text: string): void {
    this.#stream.write(redact(text));
  }

  get isTTY(): boolean {
    return this.#stream.isTTY === true;
  }

  get columns(): number | undefined {
    return this.#stream.columns;
  }
}
