import { resolve } from 'node:path';
import type { EnvType } from './env-settings.ts';

/**
 * The value that a variable's text stands for. Text that does not fit its type is kept as it is, so that the schema
 * reports it like any other wrong value.
 */
export function textToValue(text: string, type: EnvType, cwd: string): unknown {
  const trimmed = text.trim();
  switch (type) {
    case 'text':
      return trimmed;
    case 'path':
      return resolve(cwd, trimmed);
    case 'number':
      return toNumber(trimmed);
    case 'port':
      return trimmed === 'off' ? null : toNumber(trimmed);
    case 'boolean':
      return trimmed === 'true' ? true : trimmed === 'false' ? false : trimmed;
    case 'list':
      return trimmed.split(/[\s,]+/).filter((item) => item !== '');
    case 'secret':
      throw new TypeError('a secret is a reference, never a value');
  }
}

function toNumber(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
