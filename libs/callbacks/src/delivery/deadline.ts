import { MAX_TIMER_MS } from '../metadata/delivery.options.js';

/** The longest extension after the process was suspended, in ms, for reading what arrived in the meantime. */
const MAX_EXTRA_MS = 1_000;
/** A timer that is later than this was delayed by a suspension of the process, and not by a busy event loop. */
const LATE_MS = 100;

/**
 * Calls `end` after some time. Timers run before sockets are read. So a reply that arrived in time is given time to be
 * read: a turn of the event loop, or more after a suspension of the process.
 *
 * @returns a function that stops it.
 */
export function startDeadline(ms: number, end: () => void): () => void {
  const wait = Math.min(ms, MAX_TIMER_MS);
  const due = performance.now() + wait;
  let isStopped = false;
  const endUnlessStopped = () => {
    if (!isStopped) end();
  };
  let timer = setTimeout(() => {
    const late = performance.now() - due;
    if (late < LATE_MS) setImmediate(endUnlessStopped);
    else timer = setTimeout(endUnlessStopped, Math.min(late, MAX_EXTRA_MS));
  }, wait);
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

/**
 * Returns the result of a promise, or that of `late` if it takes longer than `limit` ms. The promise continues, since
 * code of the app cannot be stopped.
 */
export async function withinLimit<Value>(
  promise: Promise<Value>,
  limit: number,
  late: () => Value | Promise<Value>,
): Promise<Value> {
  let stop = () => {};
  const ended = new Promise<true>((resolve) => (stop = startDeadline(limit, () => resolve(true))));
  try {
    return await Promise.race([promise, ended.then(late)]);
  } finally {
    stop();
  }
}
