import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Notes which numbers have arrived, under which ids. */
export class Arrivals {
  /** The ids that each number came with, one for each time that it was taken. */
  readonly idsOf = new Map<number, string[]>();

  /** How many numbers arrived more than once. */
  get duplicates(): number {
    return [...this.idsOf.values()].filter((ids) => ids.length > 1).length;
  }

  /** The most ids that one number came with. */
  get idsPerNumber(): number {
    return Math.max(...[...this.idsOf.values()].map((ids) => new Set(ids).size));
  }

  missing(accepted: ReadonlySet<number>): number[] {
    return [...accepted].filter((number) => !this.idsOf.has(number));
  }
}

/**
 * A receiver of numbers on loopback.
 *
 * @param fault - answers in its own way, or says that the number is taken.
 */
export async function startNumberReceiver(
  arrivals: Arrivals,
  fault: (...args: Parameters<RequestListener>) => boolean,
) {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    if (fault(request, response)) return;
    const { number } = JSON.parse(body) as { number: number };
    arrivals.idsOf.set(number, [...(arrivals.idsOf.get(number) ?? []), String(request.headers['webhook-id'])]);
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
