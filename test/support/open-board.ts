import type { AddressInfo } from 'node:net';
import { createBullBoard } from '@bull-board/api';
import { ExpressAdapter } from '@bull-board/express';
import type { CallbackQueue } from 'nestjs-callbacks';
import { CallbacksBoardAdapter } from 'nestjs-callbacks/bull-board';
import type { CallbacksBoardOptions } from 'nestjs-callbacks/bull-board';
import { Callbacks } from 'nestjs-callbacks';
import { closing } from './closing.js';
import { create } from './enqueueing.js';

/** A job, as the page reads it. */
interface ShownJob {
  readonly id: string;
  readonly name: string;
  readonly attempts: number;
  readonly failedReason: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An app whose deliveries Bull Board shows, and its page as a browser calls it. */
export async function openBoard(port: number, queue: CallbackQueue, options: CallbacksBoardOptions = {}) {
  const app = closing(await create(port, { queue, retry: { schedule: [3_600_000], jitter: 0 } }));
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath('/board');
  const board = new CallbacksBoardAdapter(app.get(Callbacks), options);
  createBullBoard({ queues: [board], serverAdapter, options: { validateResponses: true } });
  app.use('/board', serverAdapter.getRouter());
  await app.listen(0, '127.0.0.1');
  const { port: own } = app.getHttpServer().address() as AddressInfo;
  const api = `http://127.0.0.1:${own}/board/api/queues`;

  const read = async (path: string): Promise<unknown> => (await fetch(api + path)).json();
  return {
    callbacks: app.get(Callbacks),
    async list(status: string): Promise<readonly ShownJob[]> {
      const shown = (await read(`?activeQueue=callbacks&status=${status}&page=1&jobsPerPage=10`)) as {
        queues: { jobs: ShownJob[] }[];
      };
      return shown.queues[0]!.jobs;
    },
    async counts(): Promise<Readonly<Record<string, number>>> {
      return ((await read('')) as { queues: { counts: Record<string, number> }[] }).queues[0]!.counts;
    },
    logs: (id: string) => read(`/callbacks/${id}/logs`),
    /** Presses a button: what follows is the answer's status, and what it says. */
    async press(path: string): Promise<string> {
      const reply = await fetch(`${api}/callbacks/${path}`, { method: 'PUT' });
      return `${reply.status} ${await reply.text()}`.trim();
    },
  };
}
