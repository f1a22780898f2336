// Everything that is printed: results, progress, logs, errors and the reports of jobs. Nothing here decides
// or does work.

import pc from 'picocolors';
import { printableLine } from '../../lib/printable.ts';
import type { Io } from '../io.ts';

export type Palette = Pick<typeof pc, 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'>;

/** What a command prints on stdout: text for people, or with `--json` exactly one document. */
export interface Output {
  readonly palette: Palette;
  /** Columns of the terminal, or 100 if there is none. */
  readonly columns: number;
  /** One line for people; nothing with `--json` or `--quiet`. */
  line(text?: string): void;
  /** The document of `--json`; nothing without it. */
  json(document: unknown): void;
}

export function makeOutput(io: Io, flags: { readonly json?: boolean; readonly quiet?: boolean }): Output {
  const palette = pc.createColors(wantsColour(io));
  return {
    palette,
    columns: io.stdout.columns ?? 100,
    line(text = '') {
      if (!flags.json && !flags.quiet) io.stdout.write(`${text.split('\n').map(printableLine).join('\n')}\n`);
    },
    json(document) {
      if (flags.json) io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    },
  };
}

/** https://no-color.org and FORCE_COLOR, as most tools understand them. */
export function wantsColour(io: Pick<Io, 'env' | 'stdout'>): boolean {
  if (io.env.NO_COLOR) return false;
  if (io.env.FORCE_COLOR && io.env.FORCE_COLOR !== '0') return true;
  return io.stdout.isTTY === true && io.env.TERM !== 'dumb';
}

/** Bytes for people: `512 B`, `6.1 MB` (decimal). */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(1)} ${units[unit]}`;
}

/** Milliseconds for people: `840 ms`, `7.1 s`, `3 min 20 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
