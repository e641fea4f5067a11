import type { DeliveryFilter, DeliveryPage, DeliveryState } from '../delivery/queue/deliveries.js';
import type { JobStore } from './job-store.js';
import { matches } from './stored-job.js';

/** How many jobs are read at once: their bodies come with them. */
const WINDOW = 100;

/** Up to how many deliveries of a state are sorted; if there are more, all deliveries are gone through. */
const FEW = 5_000;

/** The sets of the states that few deliveries may be in. */
const SETS: Readonly<Record<Exclude<DeliveryState, 'queued' | 'inFlight'>, string>> = {
  delivered: 'completed',
  failed: 'failed',
  cancelled: 'cb:cancelled',
};

interface Listed {
  readonly id: string;
  /** Its number in the order in which deliveries were enqueued. */
  readonly number: number;
}

/**
 * The deliveries that match, the one that was enqueued last first. A cursor is the number of a page's last delivery.
 *
 * @param before - which number those of the page are below.
 */
export async function listJobs(
  store: JobStore,
  filter: DeliveryFilter,
  limit: number,
  before: number,
): Promise<DeliveryPage> {
  const found: (Listed & { readonly summary: DeliveryPage['deliveries'][number] })[] = [];
  for await (const window of windowsOf(store, filter, before)) {
    const jobs = await store.read(window.map(({ id }) => id));
    for (const [index, job] of jobs.entries()) {
      if (job && matches(job, filter)) found.push({ ...window[index]!, summary: job.summary });
    }
    if (found.length > limit) break;
  }
  const page = found.slice(0, limit);
  const deliveries = page.map(({ summary }) => summary);
  return found.length > limit ? { deliveries, next: String(page.at(-1)!.number) } : { deliveries };
}

async function* windowsOf(store: JobStore, filter: DeliveryFilter, before: number): AsyncGenerator<Listed[]> {
  const few = await fewOf(store, filter);
  if (few) {
    const wanted = few.filter(({ number }) => number < before).toSorted((a, b) => b.number - a.number);
    for (let first = 0; first < wanted.length; first += WINDOW) yield wanted.slice(first, first + WINDOW);
    return;
  }
  for (let below = before; ;) {
    const page = await store.redis.zrevrangebyscore(
      store.key('cb:order'),
      `(${below}`,
      '-inf',
      'WITHSCORES',
      'LIMIT',
      0,
      WINDOW,
    );
    const window = page.flatMap((id, index) => (index % 2 === 0 ? [{ id, number: Number(page[index + 1]) }] : []));
    if (window.length === 0) return;
    yield window;
    below = window.at(-1)!.number;
  }
}

/** The deliveries of an idempotency key, or of a state, if they are few. */
async function fewOf(store: JobStore, filter: DeliveryFilter): Promise<Listed[] | undefined> {
  const ids = await idsOf(store, filter);
  if (ids === undefined || ids.length === 0) return ids && [];
  const numbers = await store.redis.zmscore(store.key('cb:order'), ids);
  return ids.flatMap((id, index) => (numbers[index] ? [{ id, number: Number(numbers[index]) }] : []));
}

async function idsOf(store: JobStore, { key, state }: DeliveryFilter): Promise<string[] | undefined> {
  const { redis } = store;
  if (key !== undefined) return redis.smembers(store.key(`cb:key:${key}`));
  if (state === undefined || state === 'queued') return undefined;
  if (state === 'inFlight') return redis.lrange(store.key('active'), 0, -1);
  const set = store.key(SETS[state]);
  return (await redis.zcard(set)) > FEW ? undefined : redis.zrange(set, '0', '-1');
}
