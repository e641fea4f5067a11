import { setTimeout as sleep } from 'node:timers/promises';
import { types } from 'node:util';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import type { AddedDelivery, CancelledDeliveries } from '../delivery/queue/callback-queue.js';
import { MAX_SORTED } from '../delivery/queue/deliveries.js';
import type {
  CallbackStats,
  DeliveryDetails,
  DeliveryFilter,
  DeliveryPage,
  DeliveryState,
} from '../delivery/queue/deliveries.js';
import type { BullmqSettings } from './bullmq-queue.options.js';
import { JobAdder } from './job-adder.js';
import { defineScripts, runScript } from './redis-scripts.js';
import type { ScriptName } from './redis-scripts.js';
import { matches, readJob, readRecord } from './stored-job.js';
import type { JobReply, StoredJob } from './stored-job.js';

/** The replies of BullMQ's scripts for a job that does not exist, or is in another state. */
const NOT_THERE: ReadonlySet<unknown> = new Set([-1, -3]);

/** How often a change waits for BullMQ to apply a stored outcome. */
const MAX_TRIES = 25;

/** The most jobs that are read at once, since their bodies are read too. */
const MAX_READ_SIZE = 100;

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

/** The jobs of the queue, with the data of the queue's own scripts. */
export class JobStore {
  readonly #queue: Queue<CallbackDelivery>;
  readonly #adder: JobAdder;
  readonly #base: string;

  /** @param redis - a ready connection, since BullMQ initializes it only once. */
  constructor(
    readonly redis: Redis,
    { name, prefix }: BullmqSettings,
  ) {
    this.#base = baseOf({ name, prefix });
    defineScripts(redis);
    this.#adder = new JobAdder(redis, this.#base);
    this.#queue = new Queue(name, { connection: redis, prefix, skipVersionCheck: true, skipWaitingForReady: true });
    // The errors of the connection are already reported.
    this.#queue.on('error', () => undefined);
  }

  /** Resolves once BullMQ has defined its commands. */
  async ready(): Promise<void> {
    await this.#queue.waitUntilReady();
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }

  async add(delivery: CallbackDelivery): Promise<AddedDelivery> {
    if (await this.#adder.add(this.#queue, delivery)) return { status: 'queued' };
    const [known] = await this.read([delivery.id]);
    // It was forgotten in the meantime.
    if (!known) return this.add(delivery);
    return { status: 'duplicate', state: known.summary.state, digest: known.digest };
  }

  async read(ids: readonly string[]): Promise<readonly (StoredJob | undefined)[]> {
    if (ids.length === 0) return [];
    // cbRead returns a reply for each id.
    const replies = (await this.run('cbRead', ...ids)) as readonly (JobReply | null)[];
    return replies.map((reply, index) => (reply ? readJob(ids[index]!, reply) : undefined));
  }

  async details(id: string): Promise<DeliveryDetails | undefined> {
    const [[job], log] = await Promise.all([this.read([id]), this.redis.lrange(this.key(`${id}:logs`), 0, -1)]);
    if (!job) return undefined;
    const { summary, body } = job;
    return {
      ...summary,
      history: log.flatMap((line) => readRecord(line) ?? []),
      ...(body !== undefined && { body }),
    };
  }

  /** @param before - the number that all deliveries of the page are below. */
  list(filter: DeliveryFilter, limit: number, before: number): Promise<DeliveryPage> {
    return listJobs(this, filter, limit, before);
  }

  async retry(ids: readonly string[]): Promise<readonly string[]> {
    const retried = await Promise.all(
      Array.from(await this.#change('cbRetry', ids), async ([id, from]) =>
        (await this.#bringBack(id, from)) ? [id] : [],
      ),
    );
    return retried.flat();
  }

  async cancel(ids: readonly string[]): Promise<CancelledDeliveries> {
    const states = [...(await this.#change('cbCancel', ids))];
    const of = (...some: (string | null)[]) => states.flatMap(([id, state]) => (some.includes(state) ? [id] : []));
    return { cancelled: of('cancelled'), inFlight: of('inFlight', 'soon') };
  }

  async forget(ids: readonly string[]): Promise<readonly string[]> {
    const forgotten = (await this.run('cbForget', ...ids)) as readonly (number | null)[];
    return ids.filter((_, index) => forgotten[index] === 1);
  }

  async stats(): Promise<CallbackStats> {
    const counts = (await this.run('cbStats')) as readonly (number | string | null)[];
    const [queued = 0, due = 0, oldest, inFlight = 0, delivered = 0, failed = 0, cancelled = 0] = counts.map((count) =>
      count === null ? undefined : Number(count),
    );
    return {
      queued,
      due,
      ...(oldest !== undefined && due > 0 && { oldestDueAt: new Date(oldest) }),
      inFlight,
      delivered,
      failed,
      cancelled,
    };
  }

  run(name: ScriptName, ...values: (string | number)[]): Promise<unknown> {
    return runScript(this.redis, name, this.#base, ...values);
  }

  /** Returns the name of a key of the queue. */
  key(name: string): string {
    return this.#base + name;
  }

  /** Runs a script on deliveries, and again on those whose stored outcome BullMQ is about to apply. */
  async #change(name: 'cbRetry' | 'cbCancel', ids: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
    const changes = new Map<string, string | null>();
    let left: readonly string[] = [...new Set(ids)];
    for (let tries = 0; left.length > 0 && tries < MAX_TRIES; tries++) {
      if (tries > 0) await sleep(20);
      // Both return a name or nothing for each id.
      const replies = (await this.run(name, ...left)) as readonly (string | null)[];
      for (const [index, id] of left.entries()) changes.set(id, replies[index]!);
      left = left.filter((id) => changes.get(id) === 'soon');
    }
    return changes;
  }

  /** BullMQ itself moves the job, since it knows whether the queue is paused, and wakes its workers. */
  async #bringBack(id: string, from: string | null): Promise<boolean> {
    if (from === null || from === 'wait' || from === 'soon') return from === 'wait';
    const job = await this.#queue.getJob(id);
    if (!job) return false;
    try {
      if (from === 'delayed') await job.promote();
      else await job.retry(from as 'failed' | 'completed', { resetAttemptsMade: true, resetAttemptsStarted: true });
      return true;
    } catch (error) {
      if (types.isNativeError(error) && 'code' in error && NOT_THERE.has(error.code)) return false;
      throw error;
    }
  }
}

/** Returns the prefix of all keys of a queue. */
export function baseOf({ name, prefix }: Pick<BullmqSettings, 'name' | 'prefix'>): string {
  return `${prefix}:${name}:`;
}

/**
 * Returns the matching deliveries, the last enqueued first. A cursor is the number of the last delivery of a page.
 *
 * @param before - the number that all deliveries of the page are below.
 */
async function listJobs(store: JobStore, filter: DeliveryFilter, limit: number, before: number): Promise<DeliveryPage> {
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
    for (let first = 0; first < wanted.length; first += MAX_READ_SIZE) yield wanted.slice(first, first + MAX_READ_SIZE);
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
      MAX_READ_SIZE,
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
