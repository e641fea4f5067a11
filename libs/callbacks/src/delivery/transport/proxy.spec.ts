import { inspect } from 'node:util';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { closeAll, closing } from '../../../../../test/support/closing.js';
import { createAuthority, createCertificate } from '../../../../../test/support/create-certificate.js';
import type { Certificate } from '../../../../../test/support/create-certificate.js';
import { failure } from '../../../../../test/support/failure.js';
import { startConnectProxy } from '../../../../../test/support/start-connect-proxy.js';
import type { ProxyAnswer } from '../../../../../test/support/start-connect-proxy.js';
import { startReceiver } from '../../../../../test/support/start-receiver.js';
import { failureOf, ok, transportOf } from '../../../../../test/support/transports.js';
import type { GivenOptions } from '../../../../../test/support/transports.js';
import { CallbackUrlError } from '../../errors/callback.errors.js';

const HOST = 'only-the-proxy-knows.example';

let [authority, server]: Certificate[] = [];
beforeAll(async () => {
  authority = await createAuthority('Private CA');
  server = await createCertificate(HOST, authority);
});
afterEach(closeAll);

const post = (url: string) => ({ method: 'POST', url, headers: {}, body: '{}' });

/** A transport that sends all through a proxy, which does this with every request. */
async function behind(answer: ProxyAnswer, options: Omit<GivenOptions, 'egress'> = {}, credentials = '') {
  const proxy = closing(await startConnectProxy(() => answer));
  const egress = { http: true, ports: [8080, 8443], proxy: `http://${credentials}127.0.0.1:${proxy.port}` };
  const transport = await transportOf({ ...options, egress: { ...egress, tls: { ca: authority!.cert } } });
  return { proxy, transport };
}

const allClosed = (
  sockets: readonly { closed: boolean; once(name: 'close', done: (value: unknown) => void): unknown }[],
) => Promise.all(sockets.map((socket) => socket.closed || new Promise((resolve) => socket.once('close', resolve))));

describe('a proxy', () => {
  it.each([
    ['https', `https://${HOST}/a?b`, `${HOST}:443`],
    ['https', `https://${HOST}:8443/a?b`, `${HOST}:8443`],
    ['http', `http://${HOST}/a?b`, `${HOST}:80`],
    ['http', `http://${HOST}:8080/a?b`, `${HOST}:8080`],
  ])('connects %s: %s, and finds the address of the host', async (scheme, url, target) => {
    const receiver = closing(await startReceiver(ok, scheme === 'https' ? server : undefined));
    const { proxy, transport } = await behind({ port: receiver.port });
    for (let count = 0; count < 3; count += 1) {
      expect(await transport.send(post(url))).toMatchObject({ statusCode: 200, body: 'ok' });
    }
    expect(receiver.requests[0]).toMatchObject({ method: 'POST', url: '/a?b', headers: { host: new URL(url).host } });
    // One tunnel, which is used again; its address is the proxy's, and caps nothing.
    expect(proxy.asked).toEqual([{ target, authorization: undefined }]);
    expect(receiver.connections).toHaveLength(1);
    expect(transport.addressOf(new URL(url).host)).toBeUndefined();
  });

  it('is reached by TLS, if its URL says so', async () => {
    const receiver = closing(await startReceiver(ok, server));
    const certificate = await createCertificate('proxy.example', authority);
    const proxy = closing(await startConnectProxy(() => ({ port: receiver.port }), certificate));
    const egress = { proxy: `https://proxy.example:${proxy.port}`, resolver: () => ['127.0.0.1'] };
    const transport = await transportOf({ egress: { ...egress, tls: { ca: authority!.cert } } });
    expect(await transport.send(post(`https://${HOST}/`))).toMatchObject({ body: 'ok' });
    const distrusting = await transportOf({ egress });
    expect((await failureOf(distrusting.send(post(`https://${HOST}/`)))).message).toContain(
      'the proxy cannot be reached',
    );
    expect(proxy.asked).toHaveLength(1);
  });

  it('gets its credentials, which nobody else gets', async () => {
    const receiver = closing(await startReceiver(ok, server));
    const { proxy, transport } = await behind({ port: receiver.port }, {}, 'us%20er:SECRET%3A%40@');
    await transport.send(post(`https://${HOST}/`));
    const authorization = `Basic ${Buffer.from('us er:SECRET:@').toString('base64')}`;
    expect(proxy.asked).toEqual([{ target: `${HOST}:443`, authorization }]);
    expect(receiver.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  it('does not hide the certificate of the receiver', async () => {
    const receiver = closing(await startReceiver(ok, server));
    const { transport } = await behind({ port: receiver.port });
    const error = await failureOf(transport.send(post('https://else.example/')));
    expect(error).toMatchObject({ reason: 'connection' });
    expect(receiver.requests).toHaveLength(0);
  });

  it.each([
    ['https://10.0.0.5/', '10.0.0.5 is a private address'],
    ['https://[::ffff:169.254.169.254]/', 'a link-local address'],
    ['https://localhost/', 'localhost is this machine'],
    ['https://hooks.example:9200/', 'port 9200 is not allowed'],
  ])('is not asked for %s', async (url, why) => {
    const { proxy, transport } = await behind({ status: 403 }, {}, 'user:SECRET@');
    const error = await failure(transport.send(post(url)), CallbackUrlError);
    expect(error.message).toContain(why);
    // The fix has all that is set: not the password.
    expect(error.fix).toContain(', proxy, tls');
    expect(error.message).not.toContain('SECRET');
    expect(proxy.connections).toHaveLength(0);
  });
});

describe('a proxy that', () => {
  const url = `https://${HOST}/PATH?token=QUERY`;

  it.each<[string, ProxyAnswer, string]>([
    ['refuses', { status: 403 }, 'the proxy refused to connect (403)'],
    ['wants other credentials', { status: 407 }, 'the proxy refused to connect (407)'],
    ['does not reach the receiver', { status: 502 }, 'the proxy refused to connect (502)'],
    ['resets', 'reset', 'the proxy cannot be reached (ECONNRESET)'],
  ])('%s fails the attempt, and no password is printed', async (_, answer, message) => {
    const { proxy, transport } = await behind(answer, {}, 'user:SECRET@');
    const error = await failureOf(transport.send(post(url)));
    expect(error).toMatchObject({ reason: 'connection', statusCode: undefined });
    expect(error.message).toBe(`POST to https://${HOST} failed: ${message}.`);
    const printed = [inspect(error, { depth: 20 }), JSON.stringify(error), error.stack].join();
    expect(printed).not.toMatch(/SECRET|QUERY|Basic/);
    expect(proxy.asked).toHaveLength(1);
    await allClosed(proxy.connections);
  });

  it.each(['https', 'http'])('connects to a server that speaks first fails the attempt once: %s', async (scheme) => {
    const { proxy, transport } = await behind({ banner: 'SSH-2.0-OpenSSH_9.2\r\n' }, { timeout: 500 });
    const error = await failureOf(transport.send(post(`${scheme}://${HOST}/`)));
    expect(error.message).toContain('failed: the receiver sent bytes before the request.');
    expect(proxy.asked).toHaveLength(1);
    await allClosed(proxy.connections);
  });

  it('is down fails the attempt', async () => {
    const { proxy, transport } = await behind({ status: 200 }, {}, 'user:SECRET@');
    await proxy.close();
    const error = await failureOf(transport.send(post(url)));
    expect(error.message).toContain('the proxy cannot be reached (ECONNREFUSED)');
    expect(inspect(error, { depth: 20 })).not.toContain('SECRET');
  });

  it('that hangs is given up at the deadline, with its connection', async () => {
    const { proxy, transport } = await behind('hang', { timeout: 500 });
    const error = await failureOf(transport.send(post(url)));
    expect(error).toMatchObject({ reason: 'timeout' });
    expect(proxy.asked).toHaveLength(1);
    await allClosed(proxy.connections);
  });

  it('that hangs behind a silent name server is given up too', async () => {
    let given: AbortSignal | undefined;
    const resolver = (_: string, { signal }: { signal: AbortSignal }) => {
      given = signal;
      return new Promise<never>(() => undefined);
    };
    const transport = await transportOf({ timeout: 50, egress: { proxy: 'http://proxy.example:3128', resolver } });
    expect(await failureOf(transport.send(post(url)))).toMatchObject({ reason: 'timeout' });
    expect(given?.aborted).toBe(true);
  });

  it('sends more than is read of a reply has it cut off', async () => {
    const receiver = closing(await startReceiver((_, response) => response.end('a'.repeat(101)), server));
    const { transport } = await behind({ port: receiver.port }, { maxReplyBytes: 100 });
    expect(await transport.send(post(url))).toMatchObject({ statusCode: 200, bodyIssue: 'is larger than 100 bytes' });
  });
});
