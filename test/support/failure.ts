/** The error of this class that it fails with; anything else fails the test. */
export async function failure<T extends Error>(
  act: Promise<unknown>,
  type: abstract new (...args: never[]) => T,
): Promise<T> {
  const error = await act.then(
    () => new Error('It did not fail.'),
    (reason: unknown) => reason,
  );
  if (error instanceof type) return error;
  throw error;
}
