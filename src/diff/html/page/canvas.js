import { CHANGE_WORDS, MARKS, plain, svg, el } from './dom.js';
import { face, shortType } from './icons.js';
import { inputPoint, nearest, outputPoint, wirePath } from './geometry.js';

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** Characters of a node's name on the canvas; the whole name is in the panel and the accessible name. */
const LABEL_LENGTH = 24;

/**
 * Draws nodes and wires into a group, stickies at the bottom, then wires, then nodes. Tab goes to the first node and to
 * each that changed; arrows go to any.
 */
export function drawCanvas({ nodes, wires, ghosts = [] }, choose) {
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const elements = new Map();
  const layers = { stickies: svg('g'), wires: svg('g', { 'aria-hidden': 'true' }), nodes: svg('g') };
  for (const ghost of ghosts) layers.wires.append(drawGhost(ghost));
  for (const wire of wires) {
    const path = drawWire(wire, byKey);
    if (path) layers.wires.append(path);
  }
  const ordered = [...nodes].sort((a, b) => a.x - b.x || a.y - b.y);
  const first = ordered.find((node) => node.change !== 'same') ?? ordered[0];
  for (const node of ordered) {
    const element = drawNode(node);
    elements.set(node, element);
    element.setAttribute('tabindex', node === first || node.change !== 'same' ? '0' : '-1');
    element.addEventListener('click', () => choose(node));
    element.addEventListener('keydown', (event) => onNodeKey(event, node, ordered, elements, choose));
    (node.shape === 'sticky' ? layers.stickies : layers.nodes).append(element);
  }
  return { layer: svg('g', {}, layers.stickies, layers.wires, layers.nodes), elements };
}

function onNodeKey(event, node, nodes, elements, choose) {
  if (event.key === 'Enter' || event.key === ' ') {
    event.preventDefault();
    choose(node);
    return;
  }
  const direction = ARROWS[event.key];
  if (!direction) return;
  event.preventDefault();
  const next = nearest(nodes, node, direction);
  if (next) elements.get(next).focus();
}

function drawWire(wire, byKey) {
  const [from, to] = [byKey.get(wire.from), byKey.get(wire.to)];
  if (!from || !to) return null;
  const path = wirePath(wire.type, outputPoint(from, wire.type, wire.output), inputPoint(to, wire.type, wire.input));
  return svg('path', { d: path, class: `wire ${wire.change} ${wire.type === 'main' ? '' : 'ai'}` });
}

/** Where a moved node was. */
function drawGhost({ from, to }) {
  const middle = (node) => `${node.x + node.width / 2} ${node.y + node.height / 2}`;
  return svg(
    'g',
    { class: 'ghost' },
    svg('rect', { x: from.x, y: from.y, width: from.width, height: from.height, rx: 12 }),
    svg('path', { d: `M${middle(from)}L${middle(to)}` }),
  );
}

function drawNode(node) {
  const classes = ['node', node.shape, node.change, node.disabled ? 'disabled' : ''];
  if (node.shape === 'sticky') classes.push(`colour-${Math.min(7, Math.max(1, Math.round(node.colour)))}`);
  const group = svg('g', {
    class: classes.join(' '),
    transform: `translate(${node.x} ${node.y})`,
    role: 'button',
    'aria-label': nodeLabel(node),
  });
  group.append(outline(node, 'box', 0), ...(node.shape === 'sticky' ? stickyParts(node) : nodeParts(node)));
  if (node.change !== 'same') group.append(badge(node));
  group.append(outline(node, 'ring', 5));
  return group;
}

function nodeLabel(node) {
  const words = [plain(node.name), shortType(node.type)];
  if (node.disabled) words.push('disabled');
  if (node.change !== 'same') words.push(CHANGE_WORDS[node.change]);
  return words.join(', ');
}

function outline(node, name, grow) {
  const box = {
    class: name,
    x: -grow,
    y: -grow,
    width: node.width + 2 * grow,
    height: node.height + 2 * grow,
  };
  if (node.shape === 'sub') return svg('rect', { ...box, rx: node.width / 2 + grow });
  if (node.shape === 'trigger') return svg('path', { class: name, d: triggerPath(node, grow) });
  return svg('rect', { ...box, rx: (node.shape === 'sticky' ? 6 : 12) + grow });
}

/** Triggers are round on the left. */
function triggerPath({ width, height }, grow) {
  const [left, top, right, bottom] = [-grow, -grow, width + grow, height + grow];
  const [round, corner] = [36 + grow, 12 + grow];
  return [
    `M${left + round} ${top}H${right - corner}Q${right} ${top} ${right} ${top + corner}`,
    `V${bottom - corner}Q${right} ${bottom} ${right - corner} ${bottom}`,
    `H${left + round}Q${left} ${bottom} ${left} ${bottom - round}`,
    `V${top + round}Q${left} ${top} ${left + round} ${top}Z`,
  ].join('');
}

function nodeParts(node) {
  const wide = node.shape === 'parent';
  const parts = [face(node.type, wide ? 44 : node.width / 2, node.height / 2)];
  const at = wide
    ? { x: 76, y: node.height / 2, 'text-anchor': 'start' }
    : { x: node.width / 2, y: node.height + 20, 'text-anchor': 'middle' };
  parts.push(
    svg('text', { ...at, class: 'label' }, short(node.name, wide ? 21 : LABEL_LENGTH)),
    svg('text', { ...at, y: at.y + 16, class: 'kind' }, short(shortType(node.type), LABEL_LENGTH)),
  );
  if (node.disabled) {
    const y = node.height / 2;
    parts.push(svg('line', { class: 'strike', x1: -6, y1: y, x2: node.width + 6, y2: y }));
  }
  return parts;
}

function short(text, length) {
  const characters = [...plain(text).replace(/\s+/g, ' ')];
  return characters.length <= length ? characters.join('') : `${characters.slice(0, length - 1).join('')}…`;
}

function badge(node) {
  const at = `translate(${node.width - 4} 4)`;
  return svg(
    'g',
    { class: `badge ${node.change}`, transform: at, 'aria-hidden': 'true' },
    svg('circle', { r: 11 }),
    svg('text', { y: 5 }, MARKS[node.change]),
  );
}

/** A note's words, its headings bold; the rest of Markdown is left as it was written. */
function stickyParts(node) {
  const holder = svg('foreignObject', { width: node.width, height: node.height });
  const note = el('div', { class: 'note' });
  for (const line of plain(node.text ?? '').split('\n')) {
    const heading = /^#{1,6}\s+(.*)$/.exec(line);
    note.append(heading ? el('strong', {}, heading[1]) : line, '\n');
  }
  holder.append(note);
  return [holder];
}
