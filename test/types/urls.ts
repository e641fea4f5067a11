import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Body, Post } from '@nestjs/common';
import { CallbackController, receiverReplies } from 'nestjs-callbacks';
import type { Callbacks, CallbackUrls, GivenExchange } from 'nestjs-callbacks';

/** Type tests: `tsc` fails if a line under `@ts-expect-error` compiles. */
@CallbackController('{$callback_url}')
class OrderCallbacks {
  @Post() notify(@Body() event: object): void {
    return receiverReplies(event);
  }
}

/** What `@types/express` declares of a request, as far as it matters here. */
interface ExpressRequest extends IncomingMessage {
  method: string;
  url: string;
  originalUrl: string;
  path: string;
  readonly protocol: string;
  readonly query: NodeJS.Dict<string | string[] | object>;
  params: Record<string, string | string[]>;
  body: unknown;
  get(name: string): string | undefined;
}

/** What `fastify` declares of a request without a schema, as far as it matters here. */
interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly method: string;
  readonly url: string;
  readonly originalUrl: string;
  readonly protocol: 'http' | 'https';
  headers: IncomingHttpHeaders;
  query: unknown;
  params: unknown;
  body: unknown;
}

export function right(
  callbacks: Callbacks,
  express: ExpressRequest,
  fastify: FastifyRequest,
  given: GivenExchange['request'],
) {
  const urls: CallbackUrls<OrderCallbacks>[] = [
    callbacks.urls(OrderCallbacks, { request: {} }),
    callbacks.urls(OrderCallbacks, { request: { query: { callback_url: 'https://x.example' } } }),
    callbacks.urls(OrderCallbacks, {
      request: { path: { id: '1' }, headers: { 'x-url': 'a' } },
      response: { statusCode: 201 },
    }),
    callbacks.urls(OrderCallbacks, { request: express, response: { body: { id: '1' }, headers: { location: '/1' } } }),
    callbacks.urls(OrderCallbacks, { request: fastify }),
    callbacks.urls(OrderCallbacks, { request: given }),
  ];
  return urls;
}

export function wrong(callbacks: Callbacks): void {
  const misspelt = { qurey: {} };
  // @ts-expect-error a request has no such member
  callbacks.urls(OrderCallbacks, { request: { qurey: {} } });
  // @ts-expect-error a request has no such member, beside those that it has
  callbacks.urls(OrderCallbacks, { request: { query: {}, bdoy: {} } });
  // @ts-expect-error a request has no such member
  callbacks.urls(OrderCallbacks, { request: misspelt });
  // @ts-expect-error its parameters are named `path` in an exchange
  callbacks.urls(OrderCallbacks, { request: { params: { id: '1' } } });
  // @ts-expect-error a query is an object of parameters
  callbacks.urls(OrderCallbacks, { request: { query: 'callback_url=a' } });
  // @ts-expect-error a request has no such member, though it looks like one of Express
  callbacks.urls(OrderCallbacks, { request: { method: 'POST', url: '/', headers: {}, parms: {} } });
  // @ts-expect-error a response has no such member
  callbacks.urls(OrderCallbacks, { request: {}, response: { status: 201 } });
  // @ts-expect-error an exchange has no such member
  callbacks.urls(OrderCallbacks, { request: {}, reponse: {} });
  // @ts-expect-error a request is an object
  callbacks.urls(OrderCallbacks, { request: 'POST /' });
  // @ts-expect-error the query of a Request of fetch() is in its URL
  callbacks.urls(OrderCallbacks, { request: new Request('https://x.example') });
}
