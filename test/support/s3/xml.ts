export interface ListedEntry {
  readonly key: string;
  readonly bytes: Buffer;
  readonly lastModified: number;
  readonly etag: string;
}

/** One page of ListObjectsV2. The continuation token is the last key of the page. */
export function listingXml(page: readonly ListedEntry[], isTruncated: boolean): string {
  const entries = page.map(
    ({ key, bytes, lastModified, etag }) =>
      `<Contents><Key>${escapeXml(key)}</Key><Size>${bytes.length}</Size><ETag>${escapeXml(etag)}</ETag>` +
      `<LastModified>${new Date(lastModified).toISOString()}</LastModified></Contents>`,
  );
  const next = isTruncated ? `<NextContinuationToken>${escapeXml(page.at(-1)?.key ?? '')}</NextContinuationToken>` : '';
  return (
    `<?xml version="1.0"?><ListBucketResult><KeyCount>${page.length}</KeyCount>` +
    `<IsTruncated>${isTruncated}</IsTruncated>${next}${entries.join('')}</ListBucketResult>`
  );
}

export function errorXml(code: string, message = `stand-in says ${code}`): string {
  return `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
