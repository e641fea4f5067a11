/** What has a connection, a port or a file open. */
interface Open {
  close(): Promise<unknown>;
}

const open: Open[] = [];

/** Has `closeAll()` close it. */
export function closing<T extends Open>(part: T): T {
  open.push(part);
  return part;
}

/** Closes what the test has opened, the last first. */
export async function closeAll(): Promise<void> {
  for (const part of open.splice(0).toReversed()) await part.close();
}
