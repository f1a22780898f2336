// Where wires leave and arrive, and how they run. Units are those of n8n's canvas.

/** The point of a handle: main outputs on the right, main inputs on the left, sub-nodes at top and bottom. */
export function outputPoint(node, type, [index, count]) {
  if (type !== 'main') return [node.x + node.width / 2, node.y];
  return [node.x + node.width, node.y + (node.height * (index + 1)) / (count + 1)];
}

export function inputPoint(node, type, [index, count]) {
  if (type !== 'main') return [node.x + (node.width * (index + 1)) / (count + 1), node.y + node.height];
  return [node.x, node.y + (node.height * (index + 1)) / (count + 1)];
}

/** The path of a wire between two points: a curve, or for a way back a line below both nodes. */
export function wirePath(type, [x1, y1], [x2, y2]) {
  if (type !== 'main') {
    const bend = Math.max(30, Math.abs(y1 - y2) / 2);
    return `M${x1} ${y1}C${x1} ${y1 - bend} ${x2} ${y2 + bend} ${x2} ${y2}`;
  }
  if (x2 >= x1 - 20) {
    const bend = Math.max(30, Math.abs(x2 - x1) / 2);
    return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
  }
  return wayBack(x1, y1, x2, y2);
}

const OUT = 36;
const CORNER = 16;

function wayBack(x1, y1, x2, y2) {
  const below = Math.max(y1, y2) + 130;
  const [right, left] = [x1 + OUT, x2 - OUT];
  return [
    `M${x1} ${y1}H${right - CORNER}Q${right} ${y1} ${right} ${y1 + CORNER}`,
    `V${below - CORNER}Q${right} ${below} ${right - CORNER} ${below}`,
    `H${left + CORNER}Q${left} ${below} ${left} ${below - CORNER}`,
    `V${y2 + CORNER}Q${left} ${y2} ${left + CORNER} ${y2}H${x2}`,
  ].join('');
}

/** The smallest rectangle around nodes and their names; null for none. */
export function boundsOf(nodes) {
  if (nodes.length === 0) return null;
  const left = Math.min(...nodes.map((node) => node.x - 50));
  const top = Math.min(...nodes.map((node) => node.y - 64));
  const right = Math.max(...nodes.map((node) => node.x + node.width + 50));
  const bottom = Math.max(...nodes.map((node) => node.y + node.height + 80));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The nearest node in the direction of an arrow key, or null. */
export function nearest(nodes, from, [dx, dy]) {
  const middle = (node) => [node.x + node.width / 2, node.y + node.height / 2];
  const [x, y] = middle(from);
  let best = null;
  let bestDistance = Infinity;
  for (const node of nodes) {
    const [nx, ny] = middle(node);
    const along = (nx - x) * dx + (ny - y) * dy;
    if (node === from || along <= 0) continue;
    const aside = Math.abs((nx - x) * dy) + Math.abs((ny - y) * dx);
    const distance = along + aside * 2;
    if (distance < bestDistance) [best, bestDistance] = [node, distance];
  }
  return best;
}

/** Room for the name below a node. */
const LABEL = 56;

/** A node that is gone, moved up where another stands in its place now, so that both can be seen. */
export function beside(node, others) {
  const place = { ...node };
  for (let tries = 0; tries < 5; tries += 1) {
    const taken = others.find((other) => other.shape !== 'sticky' && overlaps(place, other));
    if (!taken) break;
    place.y = taken.y - place.height - LABEL;
  }
  return place;
}

function overlaps(a, b) {
  const apart = a.x >= b.x + b.width || b.x >= a.x + a.width || a.y >= b.y + b.height || b.y >= a.y + a.height;
  return !apart;
}
