import type { UrlExceptionFactory } from './decorators/callback-urls.decorator.js';
import { optionIssues, throwOptionIssues } from './errors/option-issues.js';
import type { OptionChecks } from './errors/option-issues.js';
import { UNDECLARED_MODES } from './message/undeclared-properties.js';
import type { UndeclaredMode } from './message/undeclared-properties.js';
import type { CallbackClass } from './metadata/callback-metadata.js';
import { retryIssue, timeoutIssue } from './metadata/delivery.options.js';
import type { RetryOptions } from './metadata/delivery.options.js';
import { egressIssue } from './delivery/egress/egress.options.js';
import type { EgressOptions } from './delivery/egress/egress.options.js';
import type { CallbackQueue } from './delivery/queue/callback-queue.js';
import { concurrencyIssue } from './delivery/queue/concurrency.options.js';
import type { ConcurrencyOptions } from './delivery/queue/concurrency.options.js';
import { telemetryIssue } from './delivery/telemetry/telemetry.js';
import type { TelemetryOptions } from './delivery/telemetry/telemetry.js';
import { axiosIssue } from './delivery/transport/axios-instance.js';
import type { AxiosLike } from './delivery/transport/axios-instance.js';
import { signingIssue } from './delivery/signing.js';
import type { SigningOptions } from './delivery/signing.js';

/** The options of `CallbacksModule.forRoot()`. All of them are optional. */
export interface CallbacksModuleOptions {
  /**
   * Callback classes that are linked to every operation of the app, as if each operation had `@ApiCallback()`.
   *
   * @default []
   */
  callbacks?: readonly CallbackClass[];

  /**
   * Webhook classes. Their operations are the `webhooks` of the document (`x-webhooks` in OpenAPI 3.0). Feature modules
   * add theirs with `CallbacksModule.forFeature()`.
   *
   * @default []
   */
  webhooks?: readonly CallbackClass[];

  /**
   * How long one attempt to send a callback may take, from the name lookup to the last byte of the reply, in ms.
   *
   * @default 15_000
   */
  timeout?: number;

  /**
   * The most bytes of a reply that are read, after decompression.
   *
   * @default 65_536
   */
  maxReplyBytes?: number;

  /** Which URLs may be called. By default only `https:` URLs on port 443 at public addresses. */
  egress?: EgressOptions;

  /** Signs every callback according to Standard Webhooks. By default, callbacks are not signed. */
  signing?: SigningOptions;

  /** The app's own axios instance. Its defaults and interceptors apply, within the limits of this module. */
  axios?: AxiosLike;

  /**
   * The queue for enqueued callbacks. `sqliteQueue()`, `bullmqQueue()` and `postgresQueue()` keep them through a crash.
   *
   * @default memoryQueue()
   */
  queue?: CallbackQueue;

  /** When an enqueued callback is attempted again. By default, there are ten attempts over about 75 hours. */
  retry?: RetryOptions;

  /**
   * What happens to properties that the model of a body, a query or headers does not declare. `'remove'` sends the rest
   * and warns once about each property; `'error'` sends nothing and throws a CallbackContractError that names them;
   * `'send'` sends them.
   *
   * @default 'remove'
   */
  undeclaredProperties?: UndeclaredMode;

  /**
   * Creates the exception that `@CallbackUrls()` throws if the URL of a client cannot be used, in the shape of your own
   * validation errors. `error.reason` is for the client, and `error.expression` says where the URL came from.
   * `error.message` and `error.fix` are for you.
   *
   * @default a BadRequestException
   * @example
   * import { UnprocessableEntityException } from '@nestjs/common';
   * import type { CallbackUrlError } from 'nestjs-callbacks';
   *
   * const exceptionFactory = ({ expression, reason }: CallbackUrlError) =>
   *   new UnprocessableEntityException({ errors: [{ field: expression, message: reason }] });
   */
  exceptionFactory?: UrlExceptionFactory;

  /** How many callbacks this process sends from the queue at once. By default 100, and 10 to one host. */
  concurrency?: ConcurrencyOptions;

  /** Options of the traces and metrics, which need `@opentelemetry/api`. */
  telemetry?: TelemetryOptions;
}

/** The options of `CallbacksModule.forFeature()`. */
export interface CallbacksFeatureOptions {
  /** The webhook classes of a feature module. */
  webhooks: readonly CallbackClass[];
}

/** The token of the checked options of `CallbacksModule`. */
export const CALLBACKS_OPTIONS = Symbol(
  'nestjs-callbacks is not set up. Fix: import CallbacksModule.forRoot() in the root module',
);

const FEATURE_CHECKS: OptionChecks<CallbacksFeatureOptions> = { webhooks: webhooksIssue };

const CHECKS: OptionChecks<CallbacksModuleOptions> = {
  callbacks: (value) => classesIssue(value, '@CallbackController()'),
  webhooks: webhooksIssue,
  timeout: timeoutIssue,
  maxReplyBytes: (value) => (typeof value === 'number' && value >= 1 ? undefined : 'a number of bytes, at least 1'),
  egress: egressIssue,
  signing: signingIssue,
  axios: axiosIssue,
  queue: (value) => (isQueue(value) ? undefined : 'a queue, such as sqliteQueue(), bullmqQueue() or postgresQueue()'),
  retry: retryIssue,
  concurrency: concurrencyIssue,
  telemetry: telemetryIssue,
  undeclaredProperties: (value) =>
    (UNDECLARED_MODES as readonly unknown[]).includes(value) ? undefined : "'remove', 'error' or 'send'",
  exceptionFactory: (value) => (typeof value === 'function' ? undefined : 'a function that returns an exception'),
};

/**
 * Checks the options of the module.
 *
 * @throws TypeError that names every wrong option and what it must be.
 */
export function checkOptions(options: CallbacksModuleOptions): CallbacksModuleOptions {
  // The factory of forRootAsync() may have returned nothing.
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('The options of CallbacksModule must be an object.');
  }
  throwOptionIssues('CallbacksModule', optionIssues('CallbacksModule', options, CHECKS));
  return options;
}

/**
 * Checks the options of a feature module.
 *
 * @throws TypeError that names every wrong option and what it must be.
 */
export function checkFeatureOptions(options: CallbacksFeatureOptions): CallbacksFeatureOptions {
  const caller = 'CallbacksModule.forFeature()';
  // Absent options are valid.
  const given = { ...options, webhooks: options?.webhooks ?? null };
  throwOptionIssues(caller, optionIssues(caller, given, FEATURE_CHECKS));
  return options;
}

/** The decorators of the classes are checked with the links, when the app starts. */
function classesIssue(value: unknown, decorator: string): string | undefined {
  const expected = `an array of classes with ${decorator}`;
  if (!Array.isArray(value)) return expected;
  const others = (value as unknown[]).filter((item) => typeof item !== 'function');
  if (others.length === 0) return undefined;
  const [other] = others;
  if (other === undefined) {
    return `${expected}, but contains undefined, most likely because two files import each other. Fix: move the class to a file that does not import the file with the options`;
  }
  const name =
    typeof other === 'object' && other !== null && other.constructor !== Object ? other.constructor?.name : '';
  return name
    ? `${expected}, but contains an instance of ${name}. Fix: write ${name} instead of new ${name}()`
    : expected;
}

function webhooksIssue(value: unknown): string | undefined {
  return classesIssue(value, '@WebhookController()');
}

function isQueue(value: unknown): boolean {
  const queue = value as Partial<Record<keyof CallbackQueue, unknown>> | null;
  const methods = [
    'add',
    'start',
    'stop',
    'close',
    'delivery',
    'deliveries',
    'retry',
    'cancel',
    'forget',
    'stats',
  ] as const;
  return methods.every((method) => typeof queue?.[method] === 'function');
}
