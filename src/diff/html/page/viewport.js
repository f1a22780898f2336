const LARGEST = 2;
const SMALLEST = 0.04;

/** One place and zoom for all canvases of a workflow, so that both sides of a diff move together. */
export class Viewport {
  #views = [];
  #x = 0;
  #y = 0;
  #scale = 1;

  /** @param element the svg that shows `layer` */
  add(element, layer) {
    this.#views.push({ element, layer });
    element.addEventListener('wheel', (event) => this.#onWheel(event, element), { passive: false });
    element.addEventListener('pointerdown', (event) => this.#onDrag(event, element));
  }

  #onWheel(event, element) {
    event.preventDefault();
    if (!event.ctrlKey && !event.metaKey) {
      this.#move(-event.deltaX, -event.deltaY);
      return;
    }
    const box = element.getBoundingClientRect();
    this.zoom(Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
  }

  #onDrag(event, element) {
    if (event.button !== 0 || event.target.closest('.node')) return;
    element.setPointerCapture(event.pointerId);
    element.classList.add('dragging');
    const onMove = (move) => this.#move(move.movementX, move.movementY);
    const onEnd = () => {
      element.classList.remove('dragging');
      element.removeEventListener('pointermove', onMove);
    };
    element.addEventListener('pointermove', onMove);
    element.addEventListener('pointerup', onEnd, { once: true });
    element.addEventListener('pointercancel', onEnd, { once: true });
  }

  #move(dx, dy) {
    this.#x += dx;
    this.#y += dy;
    this.#apply();
  }

  /** Zooms around a point of the view; around its middle where none is given. */
  zoom(factor, x, y) {
    const { width, height } = this.#size();
    const [atX, atY] = [x ?? width / 2, y ?? height / 2];
    const scale = Math.min(LARGEST, Math.max(SMALLEST, this.#scale * factor));
    this.#x = atX - ((atX - this.#x) * scale) / this.#scale;
    this.#y = atY - ((atY - this.#y) * scale) / this.#scale;
    this.#scale = scale;
    this.#apply();
  }

  /** Shows everything that is drawn, no larger than n8n draws it. */
  fit() {
    const bounds = drawnBounds(this.#views.map(({ layer }) => layer.getBBox()));
    const { width, height } = this.#size();
    if (!bounds || width === 0) return;
    this.#scale = Math.max(SMALLEST, Math.min(1, width / bounds.width, height / bounds.height));
    this.#x = (width - bounds.width * this.#scale) / 2 - bounds.x * this.#scale;
    this.#y = (height - bounds.height * this.#scale) / 2 - bounds.y * this.#scale;
    this.#apply();
  }

  /** Brings a node into view that the keyboard reached. */
  reveal(node) {
    const { width, height } = this.#size();
    const x = this.#x + (node.x + node.width / 2) * this.#scale;
    const y = this.#y + (node.y + node.height / 2) * this.#scale;
    if (x > 40 && y > 40 && x < width - 40 && y < height - 40) return;
    this.#move(width / 2 - x, height / 2 - y);
  }

  #size() {
    const box = this.#views[0]?.element.getBoundingClientRect();
    return { width: box?.width ?? 0, height: box?.height ?? 0 };
  }

  #apply() {
    for (const { layer } of this.#views)
      layer.setAttribute('transform', `translate(${this.#x} ${this.#y}) scale(${this.#scale})`);
  }
}

/** Room around what is drawn; at the top more, for the heading of a view. */
const ROOM = { side: 40, top: 64 };

/** The smallest rectangle around boxes, wires and names included; null for nothing. */
function drawnBounds(boxes) {
  const drawn = boxes.filter((box) => box.width > 0);
  if (drawn.length === 0) return null;
  const x = Math.min(...drawn.map((box) => box.x)) - ROOM.side;
  const y = Math.min(...drawn.map((box) => box.y)) - ROOM.top;
  const right = Math.max(...drawn.map((box) => box.x + box.width)) + ROOM.side;
  const bottom = Math.max(...drawn.map((box) => box.y + box.height)) + ROOM.side;
  return { x, y, width: right - x, height: bottom - y };
}
