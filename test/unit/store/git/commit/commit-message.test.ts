import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatCommitMessage, parseCommit, TRAILER } from '../../../../../src/store/git/commit/commit-message.ts';
import { DEFAULT_AUTHOR } from '../../../../../src/store/git/options.ts';
import type { SnapshotFlag, SnapshotInfo } from '../../../../../src/store/store.ts';

/** Text as somebody would write it who wants to forge a snapshot: trailers, line breaks, and whatever else there is. */
const piece = fc.oneof(
  fc.constantFrom(...Object.values(TRAILER).map((name) => `${name}: 20200101T000000Z-00000000`)),
  fc.constantFrom('\n', '\n\n', '\r', '\r\n', '\u2028', '\u0085', ' ', '\u001b[2J', '\u0000', 'x: y'),
  fc.string({ unit: 'binary' }),
);
const hostileText = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

const snapshot = fc.record({
  id: fc.constant('20261123T120000Z-0123abcd'),
  instance: fc.constantFrom('prod', 'eu-1'),
  takenAt: fc.constant('2026-11-23T12:00:00Z'),
  format: fc.constantFrom(1, 2),
  n8nVersion: fc.option(hostileText, { nil: null }),
  subject: hostileText,
  flags: fc.subarray<SnapshotFlag>(['partial', 'shrunk', 'safety']),
  digest: fc.option(fc.constant('a'.repeat(64)), { nil: null }),
}) satisfies fc.Arbitrary<SnapshotInfo>;

it('a commit message says of a snapshot what flowkeep said, whatever names and versions hold', () => {
  fc.assert(
    fc.property(snapshot, hostileText, (info, body) => {
      const paragraphs = formatCommitMessage(info, body, DEFAULT_AUTHOR).trimEnd().split('\n\n');
      const read = parseCommit(paragraphs[0] ?? '', paragraphs.at(-1) ?? '', 0);
      const { id, instance, takenAt, format, flags, digest } = info;
      expect(read).toMatchObject({ id, instance, takenAt, format, flags, digest });
    }),
  );
});

it('a commit message has each trailer once, and nothing but its last paragraph reads like one', () => {
  fc.assert(
    fc.property(snapshot, hostileText, (info, body) => {
      const message = formatCommitMessage(info, body, DEFAULT_AUTHOR);
      const above = message.trimEnd().split('\n\n').slice(1, -1).join('\n\n');
      expect(above).not.toMatch(/^(flowkeep-|n8n-version\b)/im);
      for (const name of [TRAILER.snapshot, TRAILER.instance, TRAILER.format])
        expect(
          message
            .split('\n')
            .slice(1)
            .filter((line) => line.startsWith(`${name}:`)),
        ).toHaveLength(1);
      expect(message).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/);
    }),
  );
});
