import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttemptOutcome, CallbackDelivery, QueueWorker } from 'nestjs-callbacks';

let made = 0;

/** A delivery that no queue has seen. */
export function newDelivery(host = 'www.external.org'): CallbackDelivery {
  const request = { method: 'POST', url: `https://${host}/events`, headers: {}, body: '{"paid":true}' };
  return { status: 'prepared', id: `msg_${process.pid}_${++made}`, callback: 'InvoiceCallbacks.notify', request };
}

/** A file in a new folder. */
export async function newFile(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), 'callbacks-')), 'callbacks.db');
}

/** A worker that sends nothing, and notes the ids that it is given. */
export interface NotingWorker extends QueueWorker {
  readonly ids: readonly string[];
}

export function workerOf(attempt?: () => AttemptOutcome | Promise<AttemptOutcome>, concurrency = 10): NotingWorker {
  const ids: string[] = [];
  return {
    ids,
    concurrency,
    room: () => concurrency,
    attempt: async ({ id }) => {
      ids.push(id);
      return attempt ? attempt() : { status: 'delivered' };
    },
  };
}

/** Waits until something is so. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 25_000;
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error(`Waited in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
