import { sha256 } from '../../../lib/hash.ts';

/** The only file in a version's tree. */
export const CONTENT = 'content';

/** Names become safe for refs on any disk: case, dots and slashes are encoded, and a long name is cut and hashed. */
export function documentRef(name: string): string {
  const encoded = [...Buffer.from(name)]
    .map((byte) => (PLAIN.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${hex(byte)}`))
    .join('');
  const short = encoded.length <= 160 ? encoded : `${encoded.slice(0, 90)}%-${sha256(name)}`;
  return `refs/flowkeep/documents/${short}`;
}

const PLAIN = /[a-z0-9_-]/;

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
