import { resolve } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** How the text of a variable becomes the value of a setting. `port` also takes `off`. */
export type EnvType = 'text' | 'path' | 'number' | 'boolean' | 'list' | 'json' | 'port' | 'secret';

/** A variable that stands for a setting. */
export interface EnvSetting {
  /** A secret has a second variable, with `_FILE` appended, that names a file. */
  readonly variable: string;
  /** Where the value goes, within its section. */
  readonly path: readonly string[];
  readonly type: EnvType;
}

export function setting(variable: string, path: string, type: EnvType = 'text'): EnvSetting {
  return { variable, path: path.split('.'), type };
}

/** The variables of one setting: its own, and for a secret the one that names a file. */
export function variablesOf({ variable, type }: EnvSetting): string[] {
  return type === 'secret' ? [variable, `${variable}_FILE`] : [variable];
}

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
    case 'json':
      return parsed(trimmed);
    case 'secret':
      throw new TypeError('a secret is a reference, never a value');
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function toNumber(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
