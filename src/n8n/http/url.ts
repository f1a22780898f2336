import { UsageError } from '../../lib/errors.ts';
import { trimEndOf } from '../../lib/trim.ts';

/**
 * The base of an instance from what people paste into a config: `https://n8n.example.com/`, with `/api/v1` (once, or
 * twice by accident) or an endpoint such as `/api/v1/workflows` behind it. A path before that is kept, for an n8n that
 * is served below one (N8N_PATH).
 * @returns the URL without `/api/v1` and without a trailing slash: safe to print
 * @throws UsageError for what cannot be an instance's URL; the text itself is not repeated, since it may hold a
 * password
 */
export function normaliseUrl(text: string): string {
  const url = parse(text.trim());
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new UsageError(
      `the URL of n8n begins with "${url.protocol}", which is not http or https`,
      'Give the address at which you open n8n in a browser, for example https://n8n.example.com.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      `the URL of n8n (host ${url.host}) carries a user name or password`,
      'Remove the part before "@": flowkeep signs in with the API key alone.',
    );
  }
  if (url.search !== '' || url.hash !== '') {
    throw new UsageError(
      `the URL of n8n (host ${url.host}) carries a query ("?...") or a fragment ("#...")`,
      'Give the address up to the path, for example https://n8n.example.com.',
    );
  }
  return url.origin + basePath(url.pathname);
}

function parse(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && url.host !== '') return url;
  throw new UsageError('the URL of n8n is not a URL', 'Give it with its scheme, for example https://n8n.example.com.');
}

/** Everything from the first `/api/v1` on is the API's own; below it nothing can be an instance's base. */
function basePath(path: string): string {
  const single = path.replaceAll(/\/{2,}/g, '/');
  return trimEndOf(single.replace(/\/api(?:\/v\d+(?:\/.*)?)?\/?$/, ''), '/');
}

/**
 * The address of one request. Members of the query that are undefined are left out; everything is percent-encoded (n8n
 * needs the colon in `sortBy=id%3Aasc` to be).
 */
export function requestUrl(
  base: string,
  path: string,
  query: Readonly<Record<string, string | number | boolean | undefined>> = {},
): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
  );
  return `${base}/api/v1${path}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`;
}
