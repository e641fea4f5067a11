import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Post, Query } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { ApiCallback, CallbackUrls } from 'nestjs-callbacks';
import type { CallbacksModuleOptions, EgressOptions } from 'nestjs-callbacks';
import { closeAll, closing } from '../support/closing.js';
import { blocksOf } from '../support/documentation.js';
import { create, event, Lines, ok, receiving, replying, start } from '../support/enqueueing.js';
import { failure } from '../support/failure.js';
import { Invoice, InvoiceCallbacks } from '../support/invoices.js';

const PAGE = 'docs/troubleshooting.md';
const REFUSED = 'The callback URL cannot be used:';

afterEach(closeAll);

class AnyQuery {
  @ApiPropertyOptional() callback_url?: unknown;
}

@Controller('invoices')
class Invoices {
  @Post()
  @ApiCallback(InvoiceCallbacks)
  create(
    @Body() invoice: Invoice,
    @Query() query: AnyQuery,
    @CallbackUrls(InvoiceCallbacks) urls: CallbackUrls<InvoiceCallbacks>,
  ) {}
}

/** What the page quotes in the first column of its tables, `…` standing for anything. */
const quotes = [...readFileSync(PAGE, 'utf8').matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) =>
  [...cell.matchAll(/`(.+?)`/g)].map(([, quote = '']) => quote),
);
const isQuoted = (text: string) =>
  quotes.some((quote) => {
    const parts = quote.split('…').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    return quote.length > 10 && new RegExp(parts.join('.*'), 's').test(text);
  });

async function asked(query: string, egress: EgressOptions = {}, body: object = { id: '1' }) {
  const logger = new Lines();
  const app = closing(await create(undefined, { egress }, { controllers: [Invoices], logger }));
  await app.listen(0, '127.0.0.1');
  const response = await fetch(`${await app.getUrl()}/invoices?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { message } = (await response.json()) as { message: string };
  return { status: response.status, message, lines: logger.lines };
}

describe('each 400 that the page lists is what a request is answered with:', () => {
  it.each([
    ['callback_url=http://www.external.org/'],
    ['callback_url=https://10.0.0.5/'],
    ['callback_url=https://localhost/'],
    ['callback_url=https://www.external.org:8443/'],
    ['callback_url=/events'],
    ['callback_url=ftp://www.external.org'],
    ['callback_url=https://user:password@www.external.org/'],
    ['callback_url=https://www.external.org/%0a'],
    ['callback_url=a&callback_url=b'],
    ['callback_url[]=https://www.external.org/'],
    ['callback_url=https://www..org/'],
    [`callback_url=https://${encodeURIComponent('①')}.external.org/`],
  ])('%s', async (query) => {
    const { status, message } = await asked(query);
    expect([status, message.startsWith(REFUSED)]).toEqual([400, true]);
    expect({ message, isQuoted: isQuoted(message) }).toEqual({ message, isQuoted: true });
  });

  it('and that of a path whose value is missing', async () => {
    const { message } = await asked('callback_url=https://www.external.org/', {}, {});
    expect(message).toBe(`${REFUSED} id of the request body has no value.`);
    expect(isQuoted(message)).toBe(true);
  });
});

it('localhost is answered with three of them, and the log has the option that allows it at once', async () => {
  const query = `callback_url=${encodeURIComponent('http://localhost:3001/events')}`;
  const messages = [
    await asked(query),
    await asked(query, { http: true }),
    await asked(query, { http: true, allow: ['127.0.0.1', '::1'] }),
  ].map(({ message }) => message.replace(`${REFUSED} the query parameter callback_url: `, ''));
  const host = 'its host or port is not allowed.';
  expect(messages).toEqual(['its scheme is not https:.', host, host]);
  const { lines } = await asked(query);
  expect(lines.map((line) => line.replace('[Callbacks] ', ''))).toContain(blocksOf(PAGE, '')[0]);
});

describe('each error of an attempt is one that the page lists:', () => {
  const sent = async (url: string, options: CallbacksModuleOptions) => {
    const { callbacks } = await start(undefined, options);
    const urls = { invoiceNotification: url };
    const { message } = await failure(callbacks.send(InvoiceCallbacks, urls).invoiceNotification(event), Error);
    return message;
  };
  const open = (port: number) => ({ egress: { allow: ['127.0.0.1'], ports: [port], http: true } });

  it.each([301, 401])('the status %i', async (status) => {
    const { url, port } = await receiving(replying(status, { location: '/elsewhere' }));
    const message = await sent(url, open(port));
    expect({ message, isQuoted: isQuoted(message) }).toEqual({ message, isQuoted: true });
  });

  it('nobody listens', async () => {
    const receiver = await receiving(ok);
    await receiver.close();
    expect(isQuoted(await sent(receiver.url, open(receiver.port)))).toBe(true);
  });

  it('no reply in time', async () => {
    const { url, port } = await receiving(() => undefined);
    const message = await sent(url, { ...open(port), timeout: 50 });
    expect({ message, isQuoted: isQuoted(message) }).toEqual({ message, isQuoted: true });
  });

  it.each([
    ['a name without an address', () => []],
    ['a name of a private address', () => ['10.0.0.5']],
    [
      'a name server that is silent',
      () => {
        throw Object.assign(new Error('queryA ETIMEOUT'), { code: 'ETIMEOUT', syscall: 'queryA' });
      },
    ],
  ])('%s', async (_, resolver: () => string[]) => {
    const message = await sent('https://hooks.example.com/', { egress: { resolver } });
    expect({ message, isQuoted: isQuoted(message) }).toEqual({ message, isQuoted: true });
  });
});

it('each code of a problem has a row', () => {
  const source = readFileSync('libs/callbacks/src/errors/callback-problem.ts', 'utf8');
  const codes = new Set([...source.matchAll(/^ +\| '([\w-]+)'/gm)].map(([, code = '']) => code));
  expect(codes.size).toBeGreaterThan(20);
  expect([...codes].filter((code) => !quotes.includes(code))).toEqual([]);
  expect(quotes.filter((quote) => /^[a-z]+(-[a-z]+)+$/.test(quote) && !codes.has(quote))).toEqual([]);
});
