import type { UploadFile } from './types.ts';

/** A multipart form as bytes, so that its size is known and it can be sent again after a 429. */
export async function encodeForm(
  fields: Readonly<Record<string, string>>,
  file: UploadFile,
): Promise<{ readonly body: Uint8Array; readonly type: string }> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append(file.field, new Blob([new Uint8Array(file.content)]), file.fileName);
  const response = new Response(form);
  const type = response.headers.get('content-type') ?? 'multipart/form-data';
  return { body: await response.bytes(), type };
}
