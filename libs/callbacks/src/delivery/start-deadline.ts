/** The most that a process which stood still has to read what came meanwhile, in ms. */
const MOST_EXTRA_MS = 1_000;
/** From when on a timer is late because the process stood still, and not because it was busy, in ms. */
const LATE_MS = 100;

/**
 * Ends something after some time. If the process stood still meanwhile, timers come before what the sockets hold: a reply
 * that came in time is read first.
 *
 * @returns what stops it.
 */
export function startDeadline(ms: number, end: () => void): () => void {
  // A timer of more milliseconds than that fires at once.
  const wait = Math.min(ms, 2 ** 31 - 1);
  const due = performance.now() + wait;
  let timer = setTimeout(() => {
    const late = performance.now() - due;
    if (late < LATE_MS) end();
    else timer = setTimeout(end, Math.min(late, MOST_EXTRA_MS));
  }, wait);
  return () => clearTimeout(timer);
}
