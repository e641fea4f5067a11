import type { UrlExceptionFactory } from './decorators/callback-urls.decorator.js';
import { optionIssues, throwOptionIssues } from './errors/option-issues.js';
import type { OptionChecks } from './errors/option-issues.js';
import { UNDECLARED_MODES } from './message/undeclared-properties.js';
import type { UndeclaredMode } from './message/undeclared-properties.js';
import type { CallbackClass } from './metadata/callback-class.js';
import { retryIssue, timeoutIssue } from './metadata/delivery-options.js';
import type { RetryOptions } from './metadata/delivery-options.js';
import { egressIssue } from './delivery/egress/egress-options.js';
import type { EgressOptions } from './delivery/egress/egress-options.js';
import type { CallbackQueue } from './delivery/queue/callback-queue.js';
import { concurrencyIssue } from './delivery/queue/concurrency-options.js';
import type { ConcurrencyOptions } from './delivery/queue/concurrency-options.js';
import { telemetryIssue } from './delivery/telemetry/telemetry-options.js';
import type { TelemetryOptions } from './delivery/telemetry/telemetry-options.js';
import { axiosIssue } from './delivery/transport/axios-issue.js';
import type { AxiosLike } from './delivery/transport/axios-issue.js';
import { signingIssue } from './delivery/signing/signing-options.js';
import type { SigningOptions } from './delivery/signing/signing-options.js';

/** The options of `CallbacksModule.forRoot()`; every one is optional. */
export interface CallbacksModuleOptions {
  /**
   * Callback classes that are linked to every operation of the app, as if each had `@ApiCallback()`.
   *
   * @default []
   */
  callbacks?: readonly CallbackClass[];

  /**
   * Webhook classes: their operations are the `webhooks` of the document, `x-webhooks` in OpenAPI 3.0. Feature modules add theirs
   * by `CallbacksModule.forFeature()`.
   *
   * @default []
   */
  webhooks?: readonly CallbackClass[];

  /**
   * How long one attempt to send a callback may take, from the beginning of the connection to the last byte of the
   * reply, in ms.
   *
   * @default 15_000
   */
  timeout?: number;

  /**
   * How many bytes of a reply are read, decompressed.
   *
   * @default 65_536
   */
  maxReplyBytes?: number;

  /** What may be called back. By default only `https:` URLs on port 443, at public addresses. */
  egress?: EgressOptions;

  /** Signs every callback by Standard Webhooks. By default none is signed. */
  signing?: SigningOptions;

  /** The app's own axios instance: its defaults hold and its interceptors run, within the limits of this module. */
  axios?: AxiosLike;

  /**
   * Where the callbacks that are enqueued wait: `sqliteQueue()` and `bullmqQueue()` keep them through a crash.
   *
   * @default memoryQueue()
   */
  queue?: CallbackQueue;

  /** When a callback that was enqueued is attempted again. By default ten attempts, over some 75 hours. */
  retry?: RetryOptions;

  /**
   * What becomes of properties that you give and that the model of a body, a query or headers does not declare: `'remove'`
   * sends the rest, and warns once of each; `'error'` sends nothing, and throws a CallbackContractError that names each;
   * `'send'` sends them.
   *
   * @default 'remove'
   */
  undeclaredProperties?: UndeclaredMode;

  /**
   * Makes the exception that `@CallbackUrls()` throws if the URL that a client gave cannot be used, in the shape of your own
   * validation errors. `error.reason` is for the client, `error.expression` says where the URL came from. `error.message`
   * and `error.fix` are for you.
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

  /** How many callbacks of the queue this process sends at once. By default 100, and 10 to one host. */
  concurrency?: ConcurrencyOptions;

  /** What OpenTelemetry is told, if `@opentelemetry/api` is installed. */
  telemetry?: TelemetryOptions;
}

/** The options of `CallbacksModule.forFeature()`. */
export interface CallbacksFeatureOptions {
  /** The webhook classes of a feature module. */
  webhooks: readonly CallbackClass[];
}

/** The provider that holds the options of `CallbacksModule`, checked. */
export const CALLBACKS_OPTIONS = Symbol(
  'nestjs-callbacks is not set up. Fix: import CallbacksModule.forRoot() in the root module',
);

const FEATURE_CHECKS: OptionChecks<CallbacksFeatureOptions> = { webhooks: webhooksIssue };

const CHECKS: OptionChecks<CallbacksModuleOptions> = {
  callbacks: (value) => checkClasses(value, '@CallbackController()'),
  webhooks: webhooksIssue,
  timeout: timeoutIssue,
  maxReplyBytes: (value) => (typeof value === 'number' && value >= 1 ? undefined : 'a number of bytes, at least 1'),
  egress: egressIssue,
  signing: signingIssue,
  axios: axiosIssue,
  queue: (value) => (isQueue(value) ? undefined : 'a queue, as sqliteQueue() and bullmqQueue() give'),
  retry: retryIssue,
  concurrency: concurrencyIssue,
  telemetry: telemetryIssue,
  undeclaredProperties: (value) =>
    (UNDECLARED_MODES as readonly unknown[]).includes(value) ? undefined : "'remove', 'error' or 'send'",
  exceptionFactory: (value) => (typeof value === 'function' ? undefined : 'a function that returns an exception'),
};

/**
 * Refuses wrong options, all of them at once.
 *
 * @throws TypeError that names every option that is wrong, and what it must be.
 */
export function checkOptions(options: CallbacksModuleOptions): CallbacksModuleOptions {
  // What a factory of forRootAsync() forgot to return.
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('The options of CallbacksModule must be an object.');
  }
  throwOptionIssues('CallbacksModule', optionIssues('CallbacksModule', options, CHECKS));
  return options;
}

/**
 * Refuses wrong options of a feature module.
 *
 * @throws TypeError that names every option that is wrong, and what it must be.
 */
export function checkFeatureOptions(options: CallbacksFeatureOptions): CallbacksFeatureOptions {
  const caller = 'CallbacksModule.forFeature()';
  // What is left out is no mistake of other options.
  const given = { ...options, webhooks: options?.webhooks ?? null };
  throwOptionIssues(caller, optionIssues(caller, given, FEATURE_CHECKS));
  return options;
}

/** Whether each class is marked is checked with the links, when the app starts. */
function checkClasses(value: unknown, decorator: string): string | undefined {
  const expected = `an array of classes marked by ${decorator}`;
  if (!Array.isArray(value)) return expected;
  const others = (value as unknown[]).filter((item) => typeof item !== 'function');
  if (others.length === 0) return undefined;
  const [other] = others;
  if (other === undefined) {
    return `${expected}, and holds undefined, most likely because two files import each other. Fix: move the class to a file that does not import its user`;
  }
  const name =
    typeof other === 'object' && other !== null && other.constructor !== Object ? other.constructor?.name : '';
  return name ? `${expected}, and holds an instance of ${name}. Fix: write ${name} instead of new ${name}()` : expected;
}

function webhooksIssue(value: unknown): string | undefined {
  return checkClasses(value, '@WebhookController()');
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
