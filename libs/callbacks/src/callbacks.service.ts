import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown, Type } from '@nestjs/common';
import { CALLBACKS_OPTIONS } from './callbacks.options.js';
import type { CallbacksModuleOptions } from './callbacks.options.js';
import type { CallbackClient, CallbackResult } from './client/callback-client.js';
import { callbackUrlsOf } from './client/callback-urls-of.js';
import { readExchange } from './client/read-exchange.js';
import type { GivenExchange } from './client/read-exchange.js';
import { readReply } from './client/read-reply.js';
import { renderRequest } from './client/render-request.js';
import { CallbackContractError } from './contract/callback-contract.error.js';
import { placeOf } from './contract/callback-contract.js';
import type { CallbackContract, CallbackOperation } from './contract/callback-contract.js';
import type { CallbackUrls } from './contract/callback-urls.js';
import { readCallbackContract } from './contract/read-callback-contract.js';
import { attemptDelivery } from './delivery/attempt.js';
import { checkCallbackUrl } from './delivery/egress/check-callback-url.js';
import { createEgressPolicy } from './delivery/egress/egress-policy.js';
import type { EgressPolicy } from './delivery/egress/egress-policy.js';
import type { Transport } from './delivery/transport/transport.js';

/**
 * Sends callbacks with the classes that document them. Inject it wherever a callback becomes due.
 *
 * @example
 * class PaymentsService {
 *   constructor(private readonly callbacks: Callbacks) {}
 *
 *   async paid(urls: CallbackUrls<InvoiceCallbacks>) {
 *     const event = { description: 'Payment celebration', paid: true };
 *     const result = await this.callbacks.send(InvoiceCallbacks, urls).invoiceNotification(event);
 *     return result.status === 'delivered' ? result.body.ok : undefined;
 *   }
 * }
 */
@Injectable()
export class Callbacks implements OnApplicationShutdown {
  readonly #options: CallbacksModuleOptions;
  readonly #policy: EgressPolicy;
  #transport: Promise<Transport> | undefined;

  constructor(@Inject(CALLBACKS_OPTIONS) options: CallbacksModuleOptions) {
    this.#options = options;
    this.#policy = createEgressPolicy(options.egress);
  }

  /**
   * The methods of a callback class, each of which makes one attempt to send its callback now.
   *
   * A method resolves to `{ status: 'skipped' }` where the request gave no URL for it.
   *
   * @param urls - what `@CallbackUrls()` or `urls()` gave for the request; it may have been stored in between.
   * @throws CallbackContractError where an argument does not fit what the class declares; nothing is sent then.
   * @throws CallbackUrlError where the URL may not be called back.
   * @throws CallbackDeliveryError where no 2xx came.
   * @throws CallbackReplyError where the reply is not what the class documents.
   */
  send<T extends object>(callbacks: Type<T>, urls: CallbackUrls<T>): CallbackClient<T> {
    const { operations } = contractOf(callbacks);
    const given = urls as Readonly<Record<string, string | undefined>>;
    const client = operations.map((operation) => {
      const method = (...values: unknown[]) => this.#send(operation, given[operation.methodName], values);
      return [operation.methodName, method] as const;
    });
    // Built from the methods of the class: what the type says is there.
    return Object.fromEntries(client) as unknown as CallbackClient<T>;
  }

  /**
   * The callback URLs of an exchange, resolved by hand: for expressions that need the response, or outside a controller.
   *
   * @throws CallbackUrlError where a URL that was given cannot be used, naming where it came from.
   * @example
   * const urls = callbacks.urls(InvoiceCallbacks, {
   *   request: { query: { callback_url: 'https://www.external.org/events' }, body: { id: '2expen51ve' } },
   *   response: { statusCode: 201, body: { id: '2expen51ve' } },
   * });
   */
  urls<T extends object>(callbacks: Type<T>, exchange: GivenExchange): CallbackUrls<T> {
    const check = (url: string) => void checkCallbackUrl(url, this.#policy);
    // Its keys are names of the class's methods.
    return callbackUrlsOf(contractOf(callbacks), readExchange(exchange), check) as CallbackUrls<T>;
  }

  async onApplicationShutdown(): Promise<void> {
    await (await this.#transport)?.close();
  }

  async #send(operation: CallbackOperation, url: string | undefined, values: unknown[]): Promise<CallbackResult> {
    if (url === undefined) return { status: 'skipped' };
    const request = await renderRequest(operation, url, values);
    const id = `msg_${randomUUID()}`;
    const delivery = { id, callback: placeOf(operation), request };
    const { statusCode, headers, body } = await attemptDelivery(delivery, await this.#connect(), this.#options.signing);
    const reply = await readReply(operation, { statusCode, headers, body });
    return { status: 'delivered', id, url: request.url, statusCode, headers, body: reply, attempts: 1 };
  }

  /** axios and undici are loaded when the first callback is sent. */
  #connect(): Promise<Transport> {
    const { axios, egress, timeout, maxReplyBytes } = this.#options;
    this.#transport ??= import('./delivery/transport/axios-transport.js').then(({ createTransport }) =>
      createTransport({ axios, egress, timeout, maxReplyBytes }),
    );
    return this.#transport;
  }
}

function contractOf(callbacks: Type<object>): CallbackContract {
  const contract = readCallbackContract(callbacks);
  const [problem] = contract.problems;
  if (problem)
    throw new CallbackContractError(problem.place, [
      { path: '', message: `${problem.message} Fix: ${problem.fix.replace(/\.$/, '')}` },
    ]);
  return contract;
}
