import type { Redis, RedisOptions } from 'ioredis';
import { parseUrl } from '../expression/parse-url.js';
import { throwOptionIssues, unknownOptions } from '../errors/option-issues.js';
import { DAY_MS, rememberIssues, rememberSettingsOf } from '../delivery/queue/remember.options.js';
import type { RememberOptions, RememberSettings } from '../delivery/queue/remember.options.js';

/** How long to wait for Redis, in ms. */
export const REPLY_TIMEOUT_MS = 5_000;

/** The options of `bullmqQueue()`. */
export interface BullmqQueueOptions extends RememberOptions {
  /**
   * The Redis server: options of ioredis, including those for Sentinel, a URL such as
   * `redis://:password@redis.internal:6379/0`, or the app's own ioredis instance. An instance is duplicated, and
   * neither used nor closed. Clusters are not supported.
   */
  connection: RedisOptions | Redis | string;

  /**
   * The name of the queue. All processes with this name share the work. No other BullMQ queue may have the same name.
   *
   * @default 'callbacks'
   */
  name?: string;

  /**
   * The prefix of its keys in Redis.
   *
   * @default 'bull'
   */
  prefix?: string;
}

/** The options with their defaults. */
export interface BullmqSettings extends RememberSettings {
  readonly connection: RedisOptions | Redis | string;
  readonly name: string;
  readonly prefix: string;
}

/** @throws TypeError that names every wrong option. */
export function readBullmqOptions(options: BullmqQueueOptions): BullmqSettings {
  const given: Partial<BullmqQueueOptions> = options ?? {};
  const { connection, name = 'callbacks', prefix = 'bull' } = given;
  throwOptionIssues('bullmqQueue()', [
    ...unknownOptions('bullmqQueue()', given, OPTIONS),
    ...bullmqIssues('connection', redisConnectionIssue(connection)),
    ...bullmqIssues('name', isWord(name) && !name.includes(':') ? undefined : 'must be a string without a colon'),
    ...bullmqIssues('prefix', isWord(prefix) ? undefined : 'must be a string that is not empty'),
    ...rememberIssues(given, 'bullmqQueue()'),
  ]);
  return { connection: options.connection, name, prefix, ...rememberSettingsOf(given, DAY_MS) };
}

const OPTIONS = ['connection', 'name', 'prefix', 'remember', 'rememberFailed', 'keepBodies'];

export function isRedis(connection: object): connection is Redis {
  return 'duplicate' in connection && typeof connection.duplicate === 'function';
}

function bullmqIssues(option: string, issue: string | undefined): string[] {
  return issue === undefined ? [] : [`The \`${option}\` of bullmqQueue() ${issue}.`];
}

const NO_CLUSTER = 'must be a single Redis server, with or without Sentinel: clusters are not supported';

function redisConnectionIssue(connection: unknown): string | undefined {
  if (typeof connection === 'string') {
    const isUrl = /^rediss?:\/\//.test(connection) && parseUrl(connection) !== undefined;
    return isUrl ? undefined : 'must be a URL such as redis://127.0.0.1:6379';
  }
  // A list of nodes is the argument of ioredis' Cluster.
  if (Array.isArray(connection)) return NO_CLUSTER;
  if (typeof connection !== 'object' || connection === null) {
    return 'must be a URL, options of ioredis, or an ioredis instance';
  }
  if (('isCluster' in connection && connection.isCluster) || 'startupNodes' in connection) return NO_CLUSTER;
  if (!isRedis(connection) && ['nodes', 'rootNodes', 'clusterRetryStrategy'].some((name) => name in connection)) {
    return NO_CLUSTER;
  }
  const { keyPrefix } = (isRedis(connection) ? connection.options : connection) as RedisOptions;
  return keyPrefix
    ? 'must not have a `keyPrefix`, which BullMQ does not support: use the `prefix` of bullmqQueue()'
    : undefined;
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
