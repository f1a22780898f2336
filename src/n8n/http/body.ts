/**
 * The bytes of an answer, piece by piece. A large one is put into one block that grows, instead of being joined at
 * the end, when all of it would be there twice; and the block can be given back at once, not when the garbage
 * collector comes to it.
 */
export class Body {
  readonly #maxBytes: number;
  readonly #pieces: Uint8Array[] = [];
  #block: ArrayBuffer | undefined;
  #size = 0;

  /** @param maxBytes no more than these may be added */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(piece: Uint8Array): void {
    const start = this.#size;
    this.#size += piece.byteLength;
    if (this.#block === undefined) this.#pieces.push(piece);
    else this.#copy(this.#block, piece, start);
  }

  /** From here on it is large. */
  grow(): void {
    const block = new ArrayBuffer(0, { maxByteLength: this.#maxBytes });
    let start = 0;
    for (const piece of this.#pieces.splice(0)) {
      this.#copy(block, piece, start);
      start += piece.byteLength;
    }
    this.#block = block;
  }

  bytes(): Uint8Array {
    return this.#block === undefined ? Buffer.concat(this.#pieces, this.#size) : new Uint8Array(this.#block);
  }

  #copy(block: ArrayBuffer, piece: Uint8Array, start: number): void {
    block.resize(start + piece.byteLength);
    new Uint8Array(block).set(piece, start);
  }
}

/** Gives the memory of a large body back; it is empty then. */
export function giveBack({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.resizable) buffer.resize(0);
}
