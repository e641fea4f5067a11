import { startDeadline } from '../start-deadline.js';

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
