import { parseUrl } from '../expression/parse-url.js';
import type { Redis, RedisOptions } from 'ioredis';
import { throwOptionIssues, unknownOptions } from '../errors/option-issues.js';
import { rememberIssues, rememberSettingsOf } from '../delivery/queue/remember-options.js';
import type { RememberOptions, RememberSettings } from '../delivery/queue/remember-options.js';

/** How long Redis has to answer, in ms. */
export const PATIENCE = 5_000;

/** The options of `bullmqQueue()`. */
export interface BullmqQueueOptions extends RememberOptions {
  /**
   * The Redis server: ioredis options, those for Sentinel included, a URL as `redis://:password@redis.internal:6379/0`, or
   * the app's own instance of ioredis. An instance is duplicated: it is neither used nor closed. A cluster is not
   * supported.
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
}

/** The options, complete. */
export interface BullmqSettings extends RememberSettings {
  readonly connection: RedisOptions | Redis | string;
  readonly name: string;
  readonly prefix: string;
}

/** @throws TypeError that names the options which are wrong. */
export function readBullmqOptions(options: BullmqQueueOptions): BullmqSettings {
  const given: Partial<BullmqQueueOptions> = options ?? {};
  const { connection, name = 'callbacks', prefix = 'bull' } = given;
  throwOptionIssues('bullmqQueue()', [
    ...unknownOptions('bullmqQueue()', given, OPTIONS),
    ...issuesOf('connection', connectionIssue(connection)),
    ...issuesOf('name', isWord(name) && !name.includes(':') ? undefined : 'must be a string without a colon'),
    ...issuesOf('prefix', isWord(prefix) ? undefined : 'must be a string that is not empty'),
    ...rememberIssues(given, 'bullmqQueue()'),
  ]);
  return { connection: options.connection, name, prefix, ...rememberSettingsOf(given, DAY) };
}

const OPTIONS = ['connection', 'name', 'prefix', 'remember', 'rememberFailed', 'keepBodies'];

const DAY = 86_400_000;

export function isRedis(connection: object): connection is Redis {
  return 'duplicate' in connection && typeof connection.duplicate === 'function';
}

function issuesOf(option: string, issue: string | undefined): string[] {
  return issue === undefined ? [] : [`The \`${option}\` of bullmqQueue() ${issue}.`];
}

const NO_CLUSTER = 'must be one Redis server, or one behind Sentinel: a cluster is not supported';

function connectionIssue(connection: unknown): string | undefined {
  if (typeof connection === 'string') {
    const isUrl = /^rediss?:\/\//.test(connection) && parseUrl(connection) !== undefined;
    return isUrl ? undefined : 'must be a URL as redis://127.0.0.1:6379';
  }
  // A list of nodes is what ioredis' Cluster takes.
  if (Array.isArray(connection)) return NO_CLUSTER;
  if (typeof connection !== 'object' || connection === null) {
    return 'must be a URL, the options of ioredis, or an instance of it';
  }
  if (('isCluster' in connection && connection.isCluster) || 'startupNodes' in connection) return NO_CLUSTER;
  if (!isRedis(connection) && ['nodes', 'rootNodes', 'clusterRetryStrategy'].some((name) => name in connection)) {
    return NO_CLUSTER;
  }
  const { keyPrefix } = (isRedis(connection) ? connection.options : connection) as RedisOptions;
  return keyPrefix
    ? 'must have no `keyPrefix`, which BullMQ does not support: use the `prefix` of bullmqQueue()'
    : undefined;
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
