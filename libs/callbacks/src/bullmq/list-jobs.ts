import type { DeliveryFilter, DeliveryPage, DeliveryState } from '../delivery/queue/deliveries.js';
import type { JobStore } from './job-store.js';
import { matches } from './stored-job.js';

/** The most jobs that are read at once, since their bodies are read too. */
const READ_SIZE = 100;

/** The most deliveries of a state that are sorted. With more, all deliveries are scanned. */
const MAX_SORTED = 5_000;

/** The sets of the states that may contain few deliveries. */
const SETS: Readonly<Record<Exclude<DeliveryState, 'queued' | 'inFlight'>, string>> = {
  delivered: 'completed',
  failed: 'failed',
  cancelled: 'cb:cancelled',
};

interface Listed {
  readonly id: string;
  /** Its number in the order of enqueuing. */
  readonly number: number;
}

/**
 * Returns the matching deliveries, the last enqueued first. A cursor is the number of the last delivery of a page.
 *
 * @param before - the number that all deliveries of the page are below.
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
    for (let first = 0; first < wanted.length; first += READ_SIZE) yield wanted.slice(first, first + READ_SIZE);
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
      READ_SIZE,
    );
    const window = page.flatMap((id, index) => (index % 2 === 0 ? [{ id, number: Number(page[index + 1]) }] : []));
    if (window.length === 0) return;
    yield window;
    below = window.at(-1)!.number;
  }
}

/** Returns the deliveries with an idempotency key or a state, if there are only a few. */
async function fewOf(store: JobStore, filter: DeliveryFilter): Promise<Listed[] | undefined> {
  const ids = await candidateIds(store, filter);
  if (ids === undefined || ids.length === 0) return ids && [];
  const numbers = await store.redis.zmscore(store.key('cb:order'), ids);
  return ids.flatMap((id, index) => (numbers[index] ? [{ id, number: Number(numbers[index]) }] : []));
}

async function candidateIds(store: JobStore, { key, state }: DeliveryFilter): Promise<string[] | undefined> {
  const { redis } = store;
  if (key !== undefined) return redis.smembers(store.key(`cb:key:${key}`));
  if (state === undefined || state === 'queued') return undefined;
  if (state === 'inFlight') return redis.lrange(store.key('active'), 0, -1);
  const set = store.key(SETS[state]);
  return (await redis.zcard(set)) > MAX_SORTED ? undefined : redis.zrange(set, '0', '-1');
}
