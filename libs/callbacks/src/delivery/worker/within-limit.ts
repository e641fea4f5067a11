import { startDeadline } from '../start-deadline.js';

/**
 * What a promise gives, or what `late` gives where it takes longer than `limit` ms. The promise goes on: code of the
 * app cannot be stopped, only no longer be waited for.
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
