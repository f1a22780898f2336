import { announce, el, plain, svg } from './dom.js';
import { drawCanvas } from './canvas.js';
import { beside, boundsOf } from './geometry.js';
import { itemPanel, nodePanel } from './panel.js';
import { Viewport } from './viewport.js';

/** How a workflow that is on both sides is shown; the choice holds for the next one too. */
let mode = 'overlay';

/** Draws one workflow into `main`: title, tools, one or two canvases, and a panel. */
export function showWorkflow(main, entry, item) {
  const both = Boolean(item.before && item.after);
  const viewport = new Viewport();
  const drawn = both && mode === 'side' ? sideBySide(item) : [overlay(item)];
  const views = el('div', { class: `views ${isWide(drawn) ? 'stacked' : ''}` });
  const panel = el('div', { hidden: '' });
  const body = el('div', { class: 'body' }, views, panel);
  const state = { chosen: null, panel, body, entry, item };
  const canvases = drawn.map((drawing) => addView(views, drawing, viewport, state));
  const nodes = drawn.flatMap((drawing) => drawing.nodes);
  main.replaceChildren(
    title(entry),
    toolbar({ both, viewport, nodes, redraw: () => showWorkflow(main, entry, item) }),
    body,
  );
  showAbout(state);
  main.onkeydown = (event) => onViewKey(event, state, viewport);
  viewport.fit();
  return canvases;
}

/** Workflows are mostly wider than high: then two of them fit better one above the other. */
function isWide(drawn) {
  const bounds = boundsOf(drawn.flatMap((drawing) => drawing.nodes));
  return bounds !== null && bounds.width > bounds.height * 1.2;
}

export function title(entry) {
  return el(
    'div',
    { class: 'title' },
    el('h2', { tabindex: '-1' }, plain(entry.name)),
    entry.words === '' ? null : el('p', {}, plain(entry.words)),
  );
}

function addView(views, drawing, viewport, state) {
  const { layer, elements } = drawCanvas(drawing, (node) => choose(state, node, elements.get(node)));
  const canvas = svg('svg', { role: 'group', 'aria-label': drawing.label }, layer);
  for (const [node, element] of elements) element.addEventListener('focus', () => viewport.reveal(node));
  const heading = drawing.heading ? [el('h3', {}, drawing.heading)] : [];
  views.append(el('div', { class: 'view' }, ...heading, canvas));
  viewport.add(canvas, layer);
  return { canvas, elements };
}

/** The newer version, and in it what the older one had besides. */
function overlay({ before, after }) {
  if (!after || !before) {
    const only = after ?? before ?? { nodes: [], wires: [] };
    return { ...only, label: 'Workflow' };
  }
  const old = new Map(before.nodes.map((node) => [node.key, node]));
  const removed = before.nodes.filter((node) => node.change === 'removed');
  const gone = removed.map((node) => beside(node, after.nodes));
  const ghosts = after.nodes.flatMap((node) => {
    const from = old.get(node.key);
    return from && (from.x !== node.x || from.y !== node.y) ? [{ from, to: node }] : [];
  });
  return {
    nodes: [...gone, ...after.nodes],
    wires: [...before.wires.filter((wire) => wire.change === 'removed'), ...after.wires],
    ghosts,
    label: 'Workflow, both versions',
  };
}

function sideBySide({ before, after }) {
  return [
    { ...before, label: 'Workflow before', heading: 'Before' },
    { ...after, label: 'Workflow after', heading: 'After' },
  ];
}

function toolbar({ both, viewport, nodes, redraw }) {
  const bar = el('div', { class: 'bar', role: 'toolbar', 'aria-label': 'View' });
  if (both) {
    const modes = [
      ['overlay', 'Overlaid'],
      ['side', 'Side by side'],
    ].map(([value, label]) =>
      el(
        'button',
        {
          'aria-pressed': mode === value,
          'data-mode': value,
          onclick: () => {
            mode = value;
            redraw();
            document.querySelector(`[data-mode="${value}"]`).focus();
          },
        },
        label,
      ),
    );
    bar.append(el('div', { class: 'group' }, ...modes));
  }
  bar.append(
    el(
      'div',
      { class: 'group' },
      el('button', { 'aria-label': 'Zoom in', onclick: () => viewport.zoom(1.25) }, '+'),
      el('button', { 'aria-label': 'Zoom out', onclick: () => viewport.zoom(0.8) }, '−'),
      el('button', { onclick: () => viewport.fit() }, 'Fit'),
    ),
  );
  const changes = ['added', 'removed', 'changed', 'moved'].filter((change) =>
    nodes.some((node) => node.change === change),
  );
  if (changes.length > 0) bar.append(legend(changes));
  return bar;
}

function legend(changes) {
  const marks = { added: '+', removed: '−', changed: '~', moved: '↔' };
  return el(
    'div',
    { class: 'legend' },
    ...changes.map((change) =>
      el(
        'span',
        {},
        el('span', { class: `mark ${change === 'moved' ? 'layout' : change}` }, marks[change]),
        ` ${change}`,
      ),
    ),
  );
}

function choose(state, node, element) {
  state.chosen?.element.classList.remove('chosen');
  state.chosen = { node, element };
  element.classList.add('chosen');
  setPanel(
    state,
    nodePanel(node, () => close(state)),
  );
  const changed = node.changes.length === 0 ? '' : `: ${node.changes.map((change) => plain(change.title)).join(', ')}`;
  announce(`${element.getAttribute('aria-label')}${changed}`);
}

function close(state) {
  const element = state.chosen?.element;
  state.chosen = null;
  element?.classList.remove('chosen');
  element?.focus();
  showAbout(state);
}

/** Without a chosen node the panel is about the workflow itself. */
function showAbout(state) {
  setPanel(state, itemPanel(state.entry, state.item, false));
}

function setPanel(state, panel) {
  state.panel.replaceWith(panel);
  state.panel = panel;
}

function onViewKey(event, state, viewport) {
  if (event.target instanceof HTMLInputElement) return;
  if (event.key === 'Escape' && state.chosen) close(state);
  else if (event.key === '+' || event.key === '=') viewport.zoom(1.25);
  else if (event.key === '-') viewport.zoom(0.8);
  else if (event.key === '0') viewport.fit();
}
