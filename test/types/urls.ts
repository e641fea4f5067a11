import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Body, Post } from '@nestjs/common';
import { CallbackController, receiverReplies } from 'nestjs-callbacks';
import type { Callbacks, CallbackUrls, GivenExchange } from 'nestjs-callbacks';

/** Type tests: `tsc` fails if a line below an expected error compiles. */
@CallbackController('{$callback_url}')
class Told {
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

/** What `fastify` declares of a request of no schema, as far as it matters here. */
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
  const urls: CallbackUrls<Told>[] = [
    callbacks.urls(Told, { request: {} }),
    callbacks.urls(Told, { request: { query: { callback_url: 'https://x.example' } } }),
    callbacks.urls(Told, { request: { path: { id: '1' }, headers: { 'x-url': 'a' } }, response: { statusCode: 201 } }),
    callbacks.urls(Told, { request: express, response: { body: { id: '1' }, headers: { location: '/1' } } }),
    callbacks.urls(Told, { request: fastify }),
    callbacks.urls(Told, { request: given }),
  ];
  return urls;
}

export function wrong(callbacks: Callbacks): void {
  const misspelt = { qurey: {} };
  // @ts-expect-error a request has no such member
  callbacks.urls(Told, { request: { qurey: {} } });
  // @ts-expect-error a request has no such member, beside those that it has
  callbacks.urls(Told, { request: { query: {}, bdoy: {} } });
  // @ts-expect-error a request has no such member
  callbacks.urls(Told, { request: misspelt });
  // @ts-expect-error its parameters are named `path` in an exchange
  callbacks.urls(Told, { request: { params: { id: '1' } } });
  // @ts-expect-error a query is an object of parameters
  callbacks.urls(Told, { request: { query: 'callback_url=a' } });
  // @ts-expect-error a request has no such member, though it looks like one of Express
  callbacks.urls(Told, { request: { method: 'POST', url: '/', headers: {}, parms: {} } });
  // @ts-expect-error a response has no such member
  callbacks.urls(Told, { request: {}, response: { status: 201 } });
  // @ts-expect-error an exchange has no such member
  callbacks.urls(Told, { request: {}, reponse: {} });
  // @ts-expect-error a request is an object
  callbacks.urls(Told, { request: 'POST /' });
  // @ts-expect-error the query of a Request of fetch() is in its URL
  callbacks.urls(Told, { request: new Request('https://x.example') });
}
