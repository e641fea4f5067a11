/**
 * What a promise gives, or what `late` gives where it takes longer than `limit` ms. The promise goes on: code of the
 * app cannot be stopped, only no longer be waited for.
 */
export async function withinLimit<Value>(
  promise: Promise<Value>,
  limit: number,
  late: () => Value | Promise<Value>,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  // A timer of more milliseconds than that fires at once.
  const wait = Math.min(limit, 2 ** 31 - 1);
  const ended = new Promise<true>((resolve) => (timer = setTimeout(() => resolve(true), wait)));
  try {
    return await Promise.race([promise, ended.then(late)]);
  } finally {
    clearTimeout(timer);
  }
}
