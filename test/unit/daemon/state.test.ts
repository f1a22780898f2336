import { describe, expect, it } from 'vitest';
import { DaemonState } from '../../../src/daemon/state.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { makeReport } from './support.ts';

const HOUR = 3_600_000;
const YEAR = 400 * 24 * HOUR;

function started(): { readonly clock: VirtualClock; readonly state: DaemonState } {
  const clock = new VirtualClock();
  const state = new DaemonState(clock);
  state.of('prod').backupPeriodMs = HOUR;
  return { clock, state };
}

const finishBackup = (state: DaemonState): void =>
  state.finished({
    ...{ instance: 'prod', job: 'backup', startedAt: state.now(), durationMs: 1 },
    ...{ status: 'success', exitCode: 0, backup: makeReport() },
  });

const leap = ({ clock, state }: ReturnType<typeof started>, ms: number): void => {
  clock.leap(ms);
  state.clockWasSet(ms);
};

describe('a clock that is set while the daemon runs', () => {
  it('a backup that succeeded here is as old after the clock was set back as before', async () => {
    const daemon = started();
    finishBackup(daemon.state);
    await daemon.clock.advance(2 * HOUR);
    leap(daemon, -YEAR);
    expect(daemon.state.ageMs('prod')).toBe(2 * HOUR);
    expect(daemon.state.isOverdue('prod')).toBe(false);
    await daemon.clock.advance(HOUR);
    expect(daemon.state.isOverdue('prod')).toBe(true);
  });

  it('without a success, the alarm comes as soon after the start, whatever the clock says', async () => {
    const daemon = started();
    leap(daemon, -YEAR);
    await daemon.clock.advance(3 * HOUR);
    expect(daemon.state.isOverdue('prod')).toBe(true);
  });

  it('what a store says is compared with the new time, and unknown where it is in the future by then', async () => {
    const daemon = started();
    const { clock, state } = daemon;
    state.seed('prod', { id: 'x', takenAt: clock.now() - HOUR, header: makeReport().header, holders: [] });
    leap(daemon, -YEAR);
    expect(state.of('prod').lastSuccessAt).toBeNull();
    expect(state.ageMs('prod')).toBeGreaterThanOrEqual(0);
  });
});
