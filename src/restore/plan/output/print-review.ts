import { fit } from '../../../lib/columns.ts';
import { formatCount, inOneLine } from '../../../lib/printable.ts';
import type { Finding, FindingKind } from '../review/finding.ts';
import { wrap } from './wrap.ts';

/** Findings of one sort that are named; the others are counted, and in the plan file. */
const NAMED = 4;
/** A longer name would push what matters out of sight. */
const NAME_COLUMNS = 40;

/** What to call each sort, in the order in which people should look at them. */
const SORTS: readonly (readonly [FindingKind, words: string])[] = [
  ['live', 'live'],
  ['webhook', 'webhooks'],
  ['command', 'commands'],
  ['files', 'files'],
  ['code', 'code'],
  ['unknown', 'community'],
  ['network', 'requests'],
  ['query', 'queries'],
  ['n8n', 'n8n itself'],
  ['call', 'calls'],
  ['credential', 'credentials'],
];
const LABEL_COLUMNS = Math.max(...SORTS.map(([, words]) => words.length));

/** What deserves a look, a line or two for each sort. Empty where nothing does. Lines fit `columns`. */
export function printReview(review: readonly Finding[], columns: number): string[] {
  if (review.length === 0) return [];
  const lines = SORTS.flatMap(([what, words]) => {
    const found = review.filter((finding) => finding.what === what);
    return found.length === 0 ? [] : printSort(words, found, columns);
  });
  return ['', 'Look at this first: what workflows could do afterwards that they cannot do now', ...lines];
}

function printSort(words: string, found: readonly Finding[], columns: number): string[] {
  const first = found.filter(({ newHosts }) => newHosts !== undefined);
  const others = found.filter(({ newHosts }) => newHosts === undefined);
  const named = [...first, ...others].slice(0, NAMED).map(describe);
  const left = found.length - named.length;
  const more = left > 0 ? [`and ${formatCount(left)} more, which --json lists`] : [];
  const indent = LABEL_COLUMNS + 4;
  return wrap([...named, ...more].join('; '), columns - indent).map(
    (line, index) => `  ${(index === 0 ? words : '').padEnd(LABEL_COLUMNS)}  ${line}`,
  );
}

/** Marked as the plan marks its actions: `+ Fetch in Sync → example.com (a new host)`. */
function describe(finding: Finding): string {
  const { what, workflow, node, change, details = [], newHosts = [] } = finding;
  const name = shown(workflow.name);
  if (what === 'live') return `${name} ${change === 'new' ? 'becomes live' : 'stays live with other content'}`;
  const where = node === null ? `the settings of ${name}` : `${shown(node)} in ${name}`;
  const about = details.map((each) => `${inOneLine(each)}${newHosts.includes(each) ? ' (a new host)' : ''}`).join(', ');
  return `${change === 'new' ? '+' : '~'} ${where}${about === '' ? '' : ` → ${about}`}`;
}

function shown(name: string): string {
  return fit(inOneLine(name), NAME_COLUMNS);
}
