/** Anything with an open connection, port or file. */
interface Open {
  close(): Promise<unknown>;
}

const open: Open[] = [];

/** Registers it for `closeAll()`. */
export function closing<T extends Open>(part: T): T {
  open.push(part);
  return part;
}

/** Closes everything that the test has opened, in reverse order. */
export async function closeAll(): Promise<void> {
  for (const part of open.splice(0).toReversed()) await part.close();
}
