import { announce, CHANGE_WORDS, el, MARKS, plain, readData } from './dom.js';
import { itemPanel } from './panel.js';
import { showWorkflow, title } from './workflow.js';

/** Builds the page: head, index with search, and the workflow that is chosen; only that one is drawn. */
export function start() {
  const index = readData('index');
  const main = el('main', { class: 'main', 'aria-label': 'Chosen item' });
  const list = el('nav', { class: 'list', 'aria-label': 'Index' });
  const input = el('input', { type: 'search', id: 'search', autocomplete: 'off' });
  document
    .getElementById('app')
    .append(
      head(index),
      el(
        'aside',
        { class: 'index' },
        el('div', { class: 'search' }, el('label', { for: 'search' }, 'Search names, nodes and tags'), input),
        list,
      ),
      main,
      el('div', { id: 'status', class: 'status', role: 'status', 'aria-live': 'polite' }),
    );
  const buttons = index.entries.map((entry) => entryButton(entry, () => open(entry)));
  const open = (entry) => {
    buttons.forEach((button, at) => button.setAttribute('aria-current', String(index.entries[at] === entry)));
    history.replaceState(null, '', `#${entry.data}`);
    show(main, entry);
  };
  fillList(list, index.entries, buttons, '');
  input.addEventListener('input', () => {
    const found = fillList(list, index.entries, buttons, input.value);
    announce(`${found} of ${buttons.length}`);
  });
  list.addEventListener('keydown', (event) => onListKey(event, list));
  const wanted = index.entries.find((entry) => `#${entry.data}` === location.hash) ?? index.entries[0];
  if (wanted) open(wanted);
  else main.append(el('p', { class: 'empty' }, index.mode === 'diff' ? 'No difference.' : 'Nothing in it.'));
}

function head(index) {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const root = document.documentElement;
  const setTheme = (theme) => {
    root.dataset.theme = theme;
    button.setAttribute('aria-pressed', String(theme === 'dark'));
  };
  const button = el('button', { onclick: () => setTheme(root.dataset.theme === 'dark' ? 'light' : 'dark') }, 'Dark');
  setTheme(dark.matches ? 'dark' : 'light');
  dark.addEventListener('change', () => setTheme(dark.matches ? 'dark' : 'light'));
  return el(
    'header',
    { class: 'head' },
    el(
      'div',
      { class: 'grow' },
      el('h1', {}, plain(index.title)),
      ...index.about.map((line) => el('p', {}, plain(line))),
      index.notes.length === 0 ? null : notes(index.notes),
    ),
    button,
  );
}

/** What could not be read or compared, folded away. */
function notes(lines) {
  return el(
    'details',
    {},
    el('summary', {}, `${lines.length} ${lines.length === 1 ? 'note' : 'notes'} on what could not be read`),
    ...lines.map((line) => el('p', {}, plain(line))),
  );
}

function entryButton(entry, onclick) {
  const label = [plain(entry.name), entry.change === 'same' ? '' : CHANGE_WORDS[entry.change], plain(entry.words)];
  return el(
    'button',
    { class: `entry ${entry.change}`, onclick, 'aria-label': label.filter((part) => part !== '').join(', ') },
    el('span', { class: 'mark', 'aria-hidden': 'true' }, MARKS[entry.change] || '•'),
    el('span', { class: 'name' }, plain(entry.name)),
    el('span', { class: 'words' }, plain(entry.words)),
  );
}

/** Puts the buttons that fit the search into the list, kind by kind. Returns how many. */
function fillList(list, entries, buttons, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const parts = [];
  let kind = '';
  let found = 0;
  entries.forEach((entry, at) => {
    const text = `${entry.name} ${entry.id} ${entry.kind} ${entry.words}`.toLowerCase() + entry.search;
    if (!words.every((word) => text.includes(word))) return;
    if (entry.kind !== kind) parts.push(el('h2', {}, entry.kind.replace('-', ' ')));
    kind = entry.kind;
    parts.push(buttons[at]);
    found += 1;
  });
  list.replaceChildren(...parts);
  return found;
}

function onListKey(event, list) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const shown = [...list.querySelectorAll('button')];
  const next = shown[shown.indexOf(document.activeElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function show(main, entry) {
  const item = readData(entry.data);
  if (entry.kind === 'workflows') showWorkflow(main, entry, item);
  else {
    main.onkeydown = null;
    main.replaceChildren(title(entry), el('div', { class: 'body' }, itemPanel(entry, item, true)));
  }
  announce(`${plain(entry.name)}${entry.words === '' ? '' : `, ${plain(entry.words)}`}`);
}
