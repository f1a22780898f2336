import { formatCount, printable } from '../../lib/printable.ts';
import { noProgress, type Progress } from '../../lib/progress.ts';
import type { OutputStream } from '../io.ts';

/** How often the line is drawn at most, in milliseconds. */
const REDRAW_MS = 80;

/** Progress as one line on the terminal, which disappears when the step is done; without a terminal nothing. */
export function terminalProgress(stream: OutputStream, quiet: boolean): Progress {
  if (quiet || stream.isTTY !== true) return noProgress;
  let label = '';
  let total: number | undefined;
  let drawn = 0;
  const draw = (text: string): void => {
    stream.write(`\r\u001b[2K${text}`);
  };
  return {
    start(newLabel, newTotal) {
      label = printable(newLabel);
      total = newTotal;
      drawn = 0;
      draw(`${label}…`);
    },
    update(done, newTotal) {
      total = newTotal ?? total;
      if (Date.now() - drawn < REDRAW_MS) return;
      drawn = Date.now();
      draw(
        `${label}… ` +
          `${formatCount(done)}${total === undefined ? '' : ` of ${formatCount(total)} ${bar(done / total)}`}`,
      );
    },
    done: () => draw(''),
  };
}

function bar(part: number): string {
  const filled = Math.max(0, Math.min(20, Math.round(part * 20)));
  return `${'█'.repeat(filled)}${'░'.repeat(20 - filled)}`;
}
