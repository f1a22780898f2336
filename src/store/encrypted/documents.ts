import type { StoredDocument } from '../store.ts';
import type { Encryption } from './parts.ts';
import type { SealKey } from './seal-key.ts';

/** The last line of a document that flowkeep wrote to an encrypted store. docs/snapshot-format.md, "Documents". */
const CODE_LINE = /\n\{"flowkeepCode":1,"seal":"([0-9a-f]+)","code":"([0-9a-f]+)"\}\n$/;

/** A document with the code that proves who wrote it. Its words stay readable: a lock tells others who holds it. */
export function addCode(key: SealKey, name: string, content: Uint8Array): Uint8Array {
  const line = { flowkeepCode: 1, seal: key.id, code: key.code('document', name, content) };
  return Buffer.concat([content, Buffer.from(`\n${JSON.stringify(line)}\n`)]);
}

/** The document without its code, and what there is to say against it. */
export function checkCode(
  { encryptor, previous }: Pick<Encryption, 'encryptor' | 'previous'>,
  name: string,
  document: StoredDocument,
): StoredDocument {
  const text = Buffer.from(document.content).toString('latin1');
  const [line = '', seal, code] = CODE_LINE.exec(text) ?? [];
  const content = document.content.subarray(0, document.content.length - line.length);
  if (encryptor === null) return { ...document, content };
  const key = [encryptor, ...previous].find(({ id }) => id === seal);
  if (key?.code('document', name, content) === code && code !== undefined) return { ...document, content };
  const doubt =
    key === undefined
      ? 'nothing proves that flowkeep wrote it with the keys that `encrypt` has'
      : 'it is not what flowkeep wrote';
  return { ...document, content, doubt };
}
