import type { Redis, RedisOptions } from 'ioredis';

/** How long Redis has to answer, in ms. */
export const PATIENCE = 5_000;

/** The options of `bullmqQueue()`. */
export interface BullmqQueueOptions {
  /**
   * The Redis server: ioredis options, a URL as `redis://:password@redis.internal:6379/0`, or the app's own instance of
   * ioredis. An instance is duplicated: it is neither used nor closed.
   */
  connection: RedisOptions | Redis | string;

  /**
   * The name of the queue. Every process that has it takes part in the work: no other queue of BullMQ may have it.
   *
   * @default 'callbacks'
   */
  name?: string;

  /**
   * What the names of its keys in Redis begin with.
   *
   * @default 'bull'
   */
  prefix?: string;

  /**
   * How long the id of a delivered delivery is remembered, in ms: within that time it is not sent again.
   *
   * @default 86_400_000, a day
   */
  remember?: number;
}

/** The options, complete. */
export type BullmqSettings = Readonly<Required<BullmqQueueOptions>>;

/** @throws TypeError where an option is wrong, naming it. */
export function readBullmqOptions(options: BullmqQueueOptions): BullmqSettings {
  const { connection, name = 'callbacks', prefix = 'bull', remember = 86_400_000, ...strangers } = options ?? {};
  const [stranger] = Object.keys(strangers);
  if (stranger !== undefined) throw new TypeError(`bullmqQueue() has no option \`${stranger}\`.`);
  refuse('connection', whatConnectionHasToBe(connection));
  refuse('name', isWord(name) && !name.includes(':') ? undefined : 'a text without a colon');
  refuse('prefix', isWord(prefix) ? undefined : 'a text');
  refuse('remember', Number.isSafeInteger(remember) && remember >= 1 ? undefined : 'a whole number of ms, at least 1');
  return { connection, name, prefix, remember };
}

export function isRedis(connection: object): connection is Redis {
  return 'duplicate' in connection && typeof connection.duplicate === 'function';
}

function refuse(option: string, hasToBe: string | undefined): void {
  if (hasToBe !== undefined) throw new TypeError(`The \`${option}\` of bullmqQueue() has to be ${hasToBe}.`);
}

function whatConnectionHasToBe(connection: unknown): string | undefined {
  if (typeof connection === 'string') {
    return /^rediss?:\/\//.test(connection) && URL.canParse(connection) ? undefined : 'a URL as redis://127.0.0.1:6379';
  }
  if (typeof connection !== 'object' || connection === null) {
    return 'a URL, the options of ioredis, or an instance of it';
  }
  if ('isCluster' in connection && connection.isCluster) return 'one Redis server: a cluster is not supported';
  const { keyPrefix } = (isRedis(connection) ? connection.options : connection) as RedisOptions;
  return keyPrefix
    ? 'without a `keyPrefix`, which BullMQ does not support: use the `prefix` of bullmqQueue()'
    : undefined;
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
