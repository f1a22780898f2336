/** Milliseconds between two comparisons of the wall clock with the time that passed. */
const LOOK_MS = 10_000;
/** A difference below this is drift or a busy machine. */
const TOLERANCE_MS = 5_000;

/**
 * Notices when the wall clock was set, or the machine slept: timers know nothing of either, and would run a schedule
 * hours late, or not until a wrong date comes round again. `onClockJump` gets the milliseconds, negative for backwards.
 */
export function watchClock(onClockJump: (ms: number) => void): Disposable {
  let wall = Date.now();
  let steady = performance.now();
  const timer = setInterval(() => {
    const jumped = Date.now() - wall - (performance.now() - steady);
    wall = Date.now();
    steady = performance.now();
    if (Math.abs(jumped) > TOLERANCE_MS) onClockJump(jumped);
  }, LOOK_MS);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
