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
  const ended = new Promise<true>((resolve) => (timer = setTimeout(() => resolve(true), limit)));
  try {
    return await Promise.race([promise, ended.then(late)]);
  } finally {
    clearTimeout(timer);
  }
}
