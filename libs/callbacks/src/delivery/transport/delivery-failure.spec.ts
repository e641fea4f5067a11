import type { RequestListener } from 'node:http';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import axios, { AxiosError } from 'axios';
import { closeAll } from '../../../../../test/support/closing.js';
import { failureOf, ok, receiverThat } from '../../../../../test/support/transports.js';
import type { GivenOptions } from '../../../../../test/support/transports.js';
import { CallbackDeliveryError } from '../../errors/callback.errors.js';
import { assertDelivered } from '../attempt.js';
import { isMachineFault } from './delivery-failure.js';

afterEach(closeAll);

const coded = (code: string, more = {}) => Object.assign(new Error(code), { code, ...more });
const several = (...errors: Error[]) => Object.assign(new AggregateError(errors), { code: 'ECONNREFUSED' });

it.each<[string, unknown]>([
  ['no file descriptors in the process', coded('EMFILE')],
  ['no file descriptors in the machine', coded('ENFILE')],
  ['no buffers', coded('ENOBUFS')],
  ['no memory', coded('ENOMEM', { syscall: 'queryA' })],
  ['no local ports', coded('EADDRNOTAVAIL', { address: '192.0.2.1' })],
  ['one below another error', new Error('It failed.', { cause: coded('EMFILE') })],
  ['one of a delivery', new CallbackDeliveryError('It failed.', { reason: 'machine', cause: coded('EMFILE') })],
  ['that of one of several addresses', several(coded('ECONNREFUSED'), coded('EMFILE'))],
])('%s is a fault of this machine', (_, error) => {
  expect(isMachineFault(error)).toBe(true);
});

it.each<[string, unknown]>([
  ['a refused connection', coded('ECONNREFUSED')],
  ['a reset', coded('ECONNRESET')],
  ['an IPv6 address that this machine cannot reach', coded('EADDRNOTAVAIL', { address: '2001:db8::1' })],
  ['all addresses refused', several(coded('ECONNREFUSED'), coded('EADDRNOTAVAIL', { address: '2001:db8::1' }))],
  ['what is no error', { code: 'EMFILE' }],
  ['nothing', undefined],
])('%s is not a fault of this machine', (_, error) => {
  expect(isMachineFault(error)).toBe(false);
});

it('a circle of causes ends', () => {
  const error = new Error('It failed.');
  error.cause = error;
  expect(isMachineFault(error)).toBe(false);
});

describe('an error', () => {
  const secretRequest = (url: string) => ({
    method: 'POST',
    url: `${url}/PATH-SECRET?token=QUERY-SECRET`,
    headers: { authorization: 'HEADER-SECRET', 'content-type': 'text/plain' },
    body: 'BODY-SECRET',
  });
  const echo: RequestListener = (request, response) => {
    response.writeHead(500).end(`${request.url} ${request.headers.authorization} BODY-SECRET`);
  };

  it.each<[string, RequestListener, GivenOptions]>([
    ['timeout', () => undefined, { timeout: 50 }],
    ['connection', (request) => request.socket.destroy(), {}],
    ['connection', (request) => request.socket.end(`SMTP ${request.url} BODY-SECRET\r\n\r\n`), {}],
    ['status', echo, {}],
    ['status', echo, { maxReplyBytes: 10 }],
    ['request', ok, { axios: refusingInstance() }],
  ])('of reason %s prints no secret', async (reason, reply, options) => {
    const { receiver, transport } = await receiverThat(reply, options);
    const request = secretRequest(receiver.url);
    const error = await failureOf(transport.send(request).then((answer) => assertDelivered(answer, request)));
    expect(error.reason).toBe(reason);
    expect(error.message).toContain(`POST to ${receiver.url} failed: `);
    const printed = [inspect(error, { depth: 20 }), JSON.stringify(error), String(error), error.stack].join('\n');
    expect(printed).not.toContain('SECRET');
  });

  it('of a status has the first 1 KiB of the reply, in whole characters', async () => {
    const { send } = await receiverThat((_, r) => r.writeHead(410).end(`a${'é'.repeat(2000)}`));
    const reply = await send();
    const error = await failureOf(
      Promise.resolve().then(() => assertDelivered(reply, { method: 'POST', url: 'https://x.example/' })),
    );
    expect(error).toMatchObject({ reason: 'status', statusCode: 410, replyExcerpt: `a${'é'.repeat(511)}` });
    expect(error.message).toBe('POST to https://x.example failed: the receiver replied 410.');
  });

  it.each([200, 201, 204, 299])('is none for the status %i', (statusCode) => {
    const reply = { statusCode, headers: {}, body: '' };
    expect(() => assertDelivered(reply, { method: 'POST', url: 'https://x.example/' })).not.toThrow();
  });

  function refusingInstance() {
    const instance = axios.create();
    instance.interceptors.request.use((config) => Promise.reject(new AxiosError('No token', 'ERR_TOKEN', config)));
    return instance;
  }
});
