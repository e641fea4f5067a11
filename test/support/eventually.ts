const PATIENCE = 20_000;

/** Waits until an assertion passes, and fails with its error if it never does. */
export async function eventually(assertion: () => void | Promise<void>): Promise<void> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
