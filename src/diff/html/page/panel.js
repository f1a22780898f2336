import { CHANGE_WORDS, el, MARKS, plain } from './dom.js';

/** A panel about one node: what changed in it, then all its values. */
export function nodePanel(node, close) {
  return el(
    'section',
    { class: 'details', 'aria-label': `Node ${plain(node.name)}` },
    el(
      'header',
      {},
      el('div', { class: 'grow' }, el('h3', {}, plain(node.name)), el('div', { class: 'type' }, plain(node.type))),
      el('button', { onclick: close, 'aria-label': 'Close' }, '✕'),
    ),
    changeLine(node.change),
    node.disabled ? el('p', {}, 'This node is disabled.') : null,
    ...list('What changed', node.changes, true),
    ...list(node.change === 'removed' ? 'Values it had' : 'Values', node.values, false),
  );
}

function changeLine(change) {
  if (change === 'same') return null;
  return el('p', {}, el('span', { class: `mark ${change}` }, `${MARKS[change]} ${CHANGE_WORDS[change]}`));
}

/** A panel about a workflow or another item as a whole. */
export function itemPanel(entry, item, wide) {
  return el(
    'section',
    { class: `details ${wide ? 'wide' : ''}`, 'aria-label': 'About' },
    el(
      'dl',
      { class: 'facts' },
      ...item.facts.flatMap(([label, value]) => [el('dt', {}, plain(label)), el('dd', {}, plain(value))]),
    ),
    ...list('What changed', item.changes, true),
  );
}

function list(title, shown, isChange) {
  if (shown.length === 0) return [];
  return [el('h4', {}, title), ...shown.map((each) => entryOf(each, isChange))];
}

function entryOf({ title, from, to, lines }, isChange) {
  const block = el('div', { class: 'shown' }, el('div', { class: 'path' }, plain(title)));
  if (lines) block.append(lineBlock(lines));
  if (from !== undefined) block.append(value(from, 'from', 'before: '));
  if (to !== undefined) block.append(value(to, isChange ? 'to' : '', isChange ? 'after: ' : ''));
  return block;
}

function value(text, name, spoken) {
  return el('pre', { class: `value ${name}`, 'aria-label': spoken === '' ? null : spoken + plain(text) }, plain(text));
}

function lineBlock(lines) {
  const block = el('div', { class: 'value lines' });
  for (const line of lines) {
    if (line.op === 'skipped') block.append(el('div', { class: 'skipped' }, `… ${line.count} equal lines`));
    else block.append(el('div', { class: line.op }, `${MARKS[line.op] || ' '} ${plain(line.text)}`));
  }
  return block;
}
