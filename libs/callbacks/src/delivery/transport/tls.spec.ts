import type { RequestListener } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { closeAll, closing } from '../../../../../test/support/closing.js';
import { createAuthority, createCertificate } from '../../../../../test/support/create-certificate.js';
import type { Certificate } from '../../../../../test/support/create-certificate.js';
import { startReceiver } from '../../../../../test/support/start-receiver.js';
import { transportOf } from '../../../../../test/support/transports.js';
import type { EgressTlsOptions } from '../egress/tls.options.js';

const HOST = 'hooks.partner.example';
const OTHER_HOST = 'other.example';

let [authority, otherAuthority, ours]: Certificate[] = [];
const servers = new Map<string, Certificate>();

beforeAll(async () => {
  [authority, otherAuthority] = [await createAuthority('Private CA'), await createAuthority('Another CA')];
  for (const host of [HOST, OTHER_HOST]) servers.set(host, await createCertificate(host, authority));
  ours = await createCertificate('invoices.example', authority);
});
afterEach(closeAll);

/** Says which certificate it was shown. */
const showingCertificate: RequestListener = (request, response) => {
  // It listens by TLS.
  const { subject } = (request.socket as TLSSocket).getPeerCertificate();
  response.end(subject?.CN ?? 'none');
};

/** A receiver by TLS that asks for a certificate, and what sends to it. */
async function receiverAt(host: string, isMutual: boolean) {
  const asking = { requestCert: true, rejectUnauthorized: isMutual, ca: authority!.cert };
  const receiver = closing(await startReceiver(showingCertificate, { ...servers.get(host)!, ...asking }));
  const egressOf = (tls: EgressTlsOptions) => ({
    allow: ['127.0.0.1'],
    ports: [receiver.port],
    resolver: () => ['127.0.0.1'],
    tls,
  });
  return { receiver, url: `https://${host}:${receiver.port}/`, egressOf };
}

const post = async (url: string, egress: object) =>
  (await transportOf({ egress })).send({ method: 'POST', url, headers: {}, body: '{}' });

describe('the certificate of a receiver', () => {
  it.each([
    ['of a private authority', () => authority!.cert],
    ['of one of several', () => [otherAuthority!.cert, Buffer.from(authority!.cert)]],
  ])('is trusted by `ca`: %s', async (_, ca) => {
    const { url, egressOf } = await receiverAt(HOST, false);
    expect(await post(url, egressOf({ ca: ca() }))).toMatchObject({ statusCode: 200, body: 'none' });
  });

  it('is trusted by `ca` if it is itself what is trusted', async () => {
    const own = await createCertificate(HOST);
    const receiver = closing(await startReceiver(showingCertificate, own));
    const egress = { allow: ['127.0.0.1'], ports: [receiver.port], resolver: () => ['127.0.0.1'] };
    const reply = await post(`https://${HOST}:${receiver.port}/`, { ...egress, tls: { ca: own.cert } });
    expect(reply).toMatchObject({ statusCode: 200 });
  });

  it('is shown once for a connection, which is used again', async () => {
    const { receiver, url, egressOf } = await receiverAt(HOST, false);
    const transport = await transportOf({ egress: egressOf({ ca: authority!.cert }) });
    for (let count = 0; count < 3; count += 1) await transport.send({ method: 'POST', url, headers: {} });
    expect(receiver.requests).toHaveLength(3);
    expect(receiver.connections).toHaveLength(1);
  });

  it.each([
    ['of an authority that nobody trusts', HOST, () => ({})],
    ['of an authority other than that of `ca`', HOST, () => ({ ca: otherAuthority!.cert })],
    ['of another host', 'else.example', () => ({ ca: authority!.cert })],
  ])('is refused: %s', async (_, host, tls) => {
    const { receiver, egressOf } = await receiverAt(HOST, false);
    const sending = post(`https://${host}:${receiver.port}/`, egressOf(tls()));
    await expect(sending).rejects.toMatchObject({ code: 'CALLBACK_DELIVERY', reason: 'connection' });
    expect(receiver.requests).toHaveLength(0);
  });
});

describe('a client certificate', () => {
  const tls = (hosts: string[]) => ({ ca: authority!.cert, clients: [{ hosts, ...ours! }] });

  it.each([[HOST], ['*.partner.example'], ['HOOKS.partner.example.']])('is shown to %s', async (pattern) => {
    const { url, egressOf } = await receiverAt(HOST, true);
    const reply = await post(url, egressOf(tls(['unused.example', pattern])));
    expect(reply).toMatchObject({ statusCode: 200, body: 'invoices.example' });
  });

  it('is shown to no other host, though that asks for one', async () => {
    const named = await receiverAt(HOST, true);
    const other = await receiverAt(OTHER_HOST, false);
    const egress = {
      ...named.egressOf(tls([HOST])),
      ports: [named.receiver.port, other.receiver.port],
    };
    const transport = await transportOf({ egress });
    const bodyOf = async (url: string) => (await transport.send({ method: 'POST', url, headers: {} })).body;
    // In turns: no session and no connection of one serves for the other.
    const urls = [named.url, other.url, named.url, other.url];
    const bodies: string[] = [];
    for (const url of urls) bodies.push(await bodyOf(url));
    expect(bodies).toEqual(['invoices.example', 'none', 'invoices.example', 'none']);
  });

  it('is missed by a host that wants one and is not named', async () => {
    const { receiver, url, egressOf } = await receiverAt(OTHER_HOST, true);
    const sending = post(url, egressOf(tls(['*.partner.example'])));
    await expect(sending).rejects.toMatchObject({ code: 'CALLBACK_DELIVERY', reason: 'connection' });
    expect(receiver.requests).toHaveLength(0);
  });
});
