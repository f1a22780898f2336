import { printable } from '../../lib/printable.ts';
import type { AlertEvent, Notice } from './events.ts';

/** An alert in words, as plain text; what to do about it is on a line of its own. */
export function describeAlert(notice: Notice<AlertEvent>): string {
  const subject = `flowkeep: ${notice.run.job} of ${notice.instance}`;
  switch (notice.event) {
    case 'failed': {
      const { message, remedy } = notice.error;
      const failed = notice.run.status === 'success' ? '' : ' failed';
      return `${subject}${failed}: ${printable(message)}${remedy === undefined ? '' : `\n→ ${printable(remedy)}`}`;
    }
    case 'recovered':
      return `${subject} works again`;
    case 'shrunk':
      return (
        `${subject}: ${notice.kinds.join(', ')} lost over half of their items since the snapshot ` +
        'before; the older snapshots are kept'
      );
    case 'unavailable':
      return (
        `${subject}: ${notice.kinds.join(', ')} can no longer be read; what earlier snapshots ` +
        'hold of it is carried over'
      );
  }
}
