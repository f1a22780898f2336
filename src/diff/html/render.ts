import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { PageIndex } from './page-data.ts';

/** The parts of the page's script, in an order in which each finds what it imports before it. */
const SCRIPTS = ['dom.js', 'icons.js', 'geometry.js', 'canvas.js', 'viewport.js', 'panel.js', 'workflow.js', 'main.js'];

/**
 * One page that needs nothing else: no network, no other file. What comes from n8n is in it as JSON in data scripts,
 * which never run; the policy lets nothing but the page's own script and style, named by their hashes, do anything.
 * @param data the JSON of each entry, by the entry's `data`
 */
export function renderPage(index: PageIndex, data: ReadonlyMap<string, string>): string {
  const script = bundle();
  const style = asset('page.css');
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const scripts = [...data].map(([id, json]) => dataScript(id, json));
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escapeHtml(index.title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<div id="app"></div>',
    '<noscript>This page needs JavaScript to draw the workflows.</noscript>',
    dataScript('index', JSON.stringify(index)),
    ...scripts,
    `<script>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** `<` is the only character that could end a script element or begin a comment in it. */
function dataScript(id: string, json: string): string {
  const safe = json
    .replace(/</g, '\\u003c')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');
  return `<script type="application/json" id="data-${id}">${safe}</script>`;
}

/** The modules of the page as one script: their names are all different, so the imports can go. */
function bundle(): string {
  const parts = SCRIPTS.map((name) =>
    asset(name)
      .replace(/^import [^;]*;$/gm, '')
      .replace(/^export /gm, ''),
  );
  return `(() => {\n'use strict';\n${parts.join('\n')}\nstart();\n})();`;
}

/** The page's own files lie beside this one, in `src` and, copied by the build, in `dist`. */
function asset(name: string): string {
  return readFileSync(new URL(`./page/${name}`, import.meta.url), 'utf8');
}

function hashOf(content: string): string {
  return `sha256-${createHash('sha256').update(content).digest('base64')}`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
