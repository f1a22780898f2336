/** Which entries of two lists are common to both, in order: 1 at their indexes. */
export interface Common {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** How many steps it took. */
  readonly steps: number;
}

/** A part of both lists: from[fromStart…fromEnd[ against to[toStart…toEnd[. */
interface Box {
  readonly fromStart: number;
  readonly fromEnd: number;
  readonly toStart: number;
  readonly toEnd: number;
}

/**
 * The longest common subsequence of two lists, by Myers' algorithm in linear memory (E. W. Myers, An O(ND) Difference
 * Algorithm and Its Variations, 1986; the search is written as in git's xdiff). Its time grows with the entries times
 * the differences, so that it gives up after `limit` steps: then null.
 */
export function commonEntries(from: Int32Array, to: Int32Array, limit: number): Common | null {
  const search = new Search(from, to, limit);
  return search.run() ? search : null;
}

class Search implements Common {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  steps = 0;
  readonly #a: Int32Array;
  readonly #b: Int32Array;
  readonly #limit: number;
  /** How far each diagonal was followed from the start, and from the end. */
  readonly #forward: Int32Array;
  readonly #backward: Int32Array;
  readonly #origin: number;

  constructor(from: Int32Array, to: Int32Array, limit: number) {
    this.#a = from;
    this.#b = to;
    this.#limit = limit;
    this.from = new Uint8Array(from.length);
    this.to = new Uint8Array(to.length);
    this.#origin = to.length + 1;
    this.#forward = new Int32Array(from.length + to.length + 3);
    this.#backward = new Int32Array(from.length + to.length + 3);
  }

  run(): boolean {
    const boxes: Box[] = [{ fromStart: 0, fromEnd: this.#a.length, toStart: 0, toEnd: this.#b.length }];
    for (let box = boxes.pop(); box; box = boxes.pop()) {
      const inner = this.#withoutEnds(box);
      if (inner.fromStart === inner.fromEnd || inner.toStart === inner.toEnd) continue;
      const middle = this.#middle(inner);
      if (!middle) return false;
      const [x, y] = middle;
      boxes.push({ ...inner, fromEnd: x, toEnd: y }, { ...inner, fromStart: x, toStart: y });
    }
    return true;
  }

  /** Marks what a box begins and ends with on both sides as common. */
  #withoutEnds({ fromStart, fromEnd, toStart, toEnd }: Box): Box {
    const [a, b] = [this.#a, this.#b];
    while (fromStart < fromEnd && toStart < toEnd && a[fromStart] === b[toStart]) this.#mark(fromStart++, toStart++);
    while (fromStart < fromEnd && toStart < toEnd && a[fromEnd - 1] === b[toEnd - 1]) this.#mark(--fromEnd, --toEnd);
    return { fromStart, fromEnd, toStart, toEnd };
  }

  #mark(from: number, to: number): void {
    this.from[from] = 1;
    this.to[to] = 1;
    this.steps += 1;
  }

  /** A place that a shortest way through the box passes, found from both of its corners; null where it takes too long. */
  #middle({ fromStart, fromEnd, toStart, toEnd }: Box): readonly [number, number] | null {
    const [a, b, forward, backward, origin] = [this.#a, this.#b, this.#forward, this.#backward, this.#origin];
    const [least, most] = [fromStart - toEnd, fromEnd - toStart];
    const [first, last] = [fromStart - toStart, fromEnd - toEnd];
    const odd = ((first - last) & 1) !== 0;
    let [forwardLow, forwardHigh, backwardLow, backwardHigh] = [first, first, last, last];
    forward[origin + first] = fromStart;
    backward[origin + last] = fromEnd;
    for (;;) {
      if (this.steps > this.#limit) return null;
      if (forwardLow > least) forward[origin + --forwardLow - 1] = -1;
      else forwardLow += 1;
      if (forwardHigh < most) forward[origin + ++forwardHigh + 1] = -1;
      else forwardHigh -= 1;
      for (let k = forwardHigh; k >= forwardLow; k -= 2) {
        const [below, above] = [forward[origin + k - 1]!, forward[origin + k + 1]!];
        const start = below >= above ? below + 1 : above;
        let x = start;
        while (x < fromEnd && x - k < toEnd && a[x] === b[x - k]) x += 1;
        this.steps += 1 + x - start;
        forward[origin + k] = x;
        if (odd && backwardLow <= k && k <= backwardHigh && backward[origin + k]! <= x) return [x, x - k];
      }
      if (backwardLow > least) backward[origin + --backwardLow - 1] = END;
      else backwardLow += 1;
      if (backwardHigh < most) backward[origin + ++backwardHigh + 1] = END;
      else backwardHigh -= 1;
      for (let k = backwardHigh; k >= backwardLow; k -= 2) {
        const [below, above] = [backward[origin + k - 1]!, backward[origin + k + 1]!];
        const start = below < above ? below : above - 1;
        let x = start;
        while (x > fromStart && x - k > toStart && a[x - 1] === b[x - k - 1]) x -= 1;
        this.steps += 1 + start - x;
        backward[origin + k] = x;
        if (!odd && forwardLow <= k && k <= forwardHigh && x <= forward[origin + k]!) return [x, x - k];
      }
    }
  }
}

/** Behind every entry. */
const END = 0x7fffffff;
