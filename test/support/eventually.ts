/** How long an assertion about this process may take to pass, in ms. */
const PATIENCE = 20_000;

/** How long a program may take to start on a machine that has other work, in ms. */
export const START_PATIENCE = 60_000;

/** Waits until an assertion passes, and fails with its error if it never does. */
export async function eventually(assertion: () => void | Promise<void>, patience = PATIENCE): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
